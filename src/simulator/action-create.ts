import { z } from "zod";
import type { Action } from "./account-state.ts";
import { startAction } from "./action-effects.ts";
import { actionBody } from "./actions.ts";
import { bodyOf, type Call, type Reply } from "./call.ts";
import { findImage, findSize } from "./catalogue.ts";
import { dropletName } from "./droplet-input.ts";
import { foundDroplet } from "./found-droplet.ts";
import { unprocessable } from "./errors.ts";

/** The types of the official document. Those without an effect below only take their time. */
const types = new Set([
  "enable_backups",
  "disable_backups",
  "change_backup_policy",
  "reboot",
  "power_cycle",
  "shutdown",
  "power_off",
  "power_on",
  "restore",
  "password_reset",
  "resize",
  "rebuild",
  "rename",
  "change_kernel",
  "enable_ipv6",
  "snapshot",
]);

const shape = z.object({
  type: z.string().default(""),
  size: z.unknown().optional(),
  image: z.unknown().optional(),
  name: z.unknown().optional(),
});

/** POST /v2/droplets/{id}/actions: one at a time, taking as long as a boot. */
export function createAction(call: Call): Reply {
  const droplet = foundDroplet(call);
  const body = bodyOf(call, shape);
  if (!types.has(body.type)) throw unprocessable("The action type is not valid.");
  if (droplet.pendingAction !== null) throw unprocessable("Droplet already has a pending event.");
  const endsAt = call.now + call.settings.bootMs;
  const action = startAction(call.account, droplet, body.type, call.now, endsAt, changeOf(body));
  return { status: 201, body: { action: actionBody(action, call.now) } };
}

function changeOf(body: z.infer<typeof shape>): Action["change"] {
  if (body.type === "resize") {
    const size = findSize(body.size);
    if (!size) throw unprocessable("You specified an invalid size.");
    return { size: size.slug };
  }
  if (body.type === "rebuild") {
    const image = findImage(body.image);
    if (!image) throw unprocessable("You specified an invalid image.");
    return { image: image.id };
  }
  return body.type === "rename" ? { name: dropletName(body.name) } : {};
}
