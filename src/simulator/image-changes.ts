import { z } from "zod";
import { actionBody, otherActions, startOther } from "./actions.ts";
import { bodyOf, type Call, idOf, param, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { ApiError, notFound, unprocessable } from "./errors.ts";
import { findImage, imageBody } from "./images.ts";
import { page } from "./pagination.ts";
import { settleAll } from "./settle.ts";
import type { StoredImage } from "./stored-image.ts";

/** One of the account's own; DigitalOcean's are not for anybody to change. */
function ownOfPath(call: Call): StoredImage {
  settleAll(call.account, call.now);
  const found = findImage(call.account, param(call, 0));
  if (!found) throw notFound();
  const own = call.account.images.get(found.id);
  if (!own) throw new ApiError(403);
  return own;
}

/** PUT /v2/images/{id}: name, description, distribution. */
export function updateImage(call: Call): Reply {
  const image = ownOfPath(call);
  const text = z.string().nullish();
  const sent = bodyOf(call, z.object({ name: text, description: text, distribution: text }));
  if (sent.name === "") throw unprocessable("Name can't be blank");
  image.name = sent.name ?? image.name;
  image.description = sent.description ?? image.description;
  image.distribution = sent.distribution ?? image.distribution;
  return { status: 200, body: { image: imageBody(call.account, image.id) } };
}

/** DELETE /v2/images/{id} */
export function deleteImage(call: Call): Reply {
  ownOfPath(call).deleted = true;
  return { status: 204 };
}

/** POST /v2/images/{id}/actions: a snapshot goes to one more region, a backup becomes a snapshot. */
export function createImageAction(call: Call): Reply {
  const image = ownOfPath(call);
  const sent = bodyOf(call, z.object({ type: z.string().default(""), region: z.string().default("") }));
  if (sent.type === "transfer") {
    if (!findRegion(sent.region)) throw unprocessable("Region is not available");
    if (image.regions.includes(sent.region)) throw unprocessable("Image is already available in this region.");
    image.regions.push(sent.region);
  } else if (sent.type === "convert") {
    if (image.type !== "backup") throw unprocessable("Only a backup can be converted to a snapshot.");
    image.type = "snapshot";
  } else throw unprocessable("The action type is not valid.");
  const resource = { type: "image", id: image.id, key: String(image.id) };
  const action = startOther(call, sent.type, resource, image.regions[0] ?? "");
  return { status: 201, body: actionBody(action, call.now) };
}

const actionsOfPath = (call: Call) => {
  const found = findImage(call.account, param(call, 0));
  if (!found) throw notFound();
  return otherActions(call, "image", String(found.id));
};

/** GET /v2/images/{id}/actions */
export const listImageActions = (call: Call): Reply =>
  page(call, "actions", actionsOfPath(call), (action) => actionBody(action, call.now));

/** GET /v2/images/{id}/actions/{action_id} */
export function getImageAction(call: Call): Reply {
  const id = idOf(param(call, 1));
  const action = actionsOfPath(call).find((each) => each.id === id);
  if (!action) throw notFound();
  return { status: 200, body: actionBody(action, call.now) };
}
