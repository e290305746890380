import { z } from "zod";
import type { Action, Droplet } from "./account-state.ts";
import { startAction } from "./action-effects.ts";
import { actionBody, otherActions, refusePending, startOther } from "./actions.ts";
import { bodyOf, type Call, idOf, param, type Reply } from "./call.ts";
import { isFound } from "./droplet-view.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { settle, settleAll } from "./settle.ts";
import { isTagName } from "./tag-names.ts";
import { ensureTag } from "./tags.ts";
import type { Volume } from "./volume.ts";
import { findVolume, largestVolume, mostVolumes, volumeOfPath, volumesOf } from "./volumes.ts";

const shape = z.object({
  type: z.string().default(""),
  volume_name: z.string().nullish(),
  droplet_id: z.number().int().nullish(),
  region: z.string().nullish(),
  size_gigabytes: z.number().int().nullish(),
  tags: z.array(z.string()).nullish(),
});

type Body = z.infer<typeof shape>;

/** POST /v2/volumes/{id}/actions */
export const createVolumeAction = (call: Call): Reply => act(call, volumeOfPath(call), bodyOf(call, shape));

/** POST /v2/volumes/actions: attach and detach by the volume's name. */
export function createVolumeActionByName(call: Call): Reply {
  settleAll(call.account, call.now);
  const sent = bodyOf(call, shape);
  const volume = findVolume(call.account, sent.volume_name ?? null, sent.region ?? null);
  if (!volume) throw notFound();
  return act(call, volume, sent);
}

function act(call: Call, volume: Volume, sent: Body): Reply {
  if (sent.region && sent.region !== volume.region) throw unprocessable("the volume is in another region");
  const action = started(call, volume, sent);
  return { status: 202, body: { action: actionBody(action, call.now) } };
}

function started(call: Call, volume: Volume, sent: Body): Action {
  const resource = { type: "volume", id: null, key: volume.id };
  refusePending(call, "volume", volume.id);
  const endsAt = call.now + call.settings.bootMs;
  if (sent.type === "resize") {
    const size = sent.size_gigabytes ?? 0;
    if (size <= volume.sizeGigabytes) throw unprocessable("a volume can only grow");
    if (size > largestVolume) throw unprocessable(`size_gigabytes must be at most ${largestVolume}`);
    volume.sizeGigabytes = size;
    return startOther(call, "resize_volume", resource, volume.region);
  }
  if (sent.type !== "attach" && sent.type !== "detach") throw unprocessable("The action type is not valid.");
  const droplet = dropletOf(call, sent.droplet_id);
  if (droplet.pendingAction !== null) throw unprocessable("Droplet already has a pending event.");
  if (sent.type === "attach") checkAttach(call, volume, droplet);
  else if (volume.dropletId !== droplet.id) throw unprocessable("Attachment not found");
  if (sent.type === "attach") volume.tags = [...new Set([...volume.tags, ...tagsOf(call, sent.tags)])];
  const attachment = { id: volume.id, dropletId: sent.type === "attach" ? droplet.id : null };
  const change = { volume: attachment };
  return startAction(call.account, droplet, `${sent.type}_volume`, call.now, endsAt, change, resource);
}

/** Those that an attach puts on the volume, made where they are not there yet. Throws the 422 for what can be no tag. */
function tagsOf({ account }: Call, names: Body["tags"]): string[] {
  const wrong = names?.find((name): boolean => !isTagName(name));
  if (wrong !== undefined) throw unprocessable(`tag ${wrong} is not valid`);
  return (names ?? []).map((name) => ensureTag(account, name).name);
}

function dropletOf(call: Call, id: number | null | undefined): Droplet {
  const droplet = call.account.droplets.get(id ?? Number.NaN);
  if (!droplet || !isFound(droplet, call.now)) throw notFound();
  settle(call.account, droplet, call.now);
  return droplet;
}

/** Throws the 422 for a volume that this droplet cannot have. */
export function checkAttach(call: Call, volume: Volume, droplet: Pick<Droplet, "id" | "region">): void {
  if (volume.region !== droplet.region) throw unprocessable("the volume is in another region than the droplet");
  if (volume.dropletId !== null) throw unprocessable("the volume is attached already");
  if (volumesOf(call.account, droplet.id).length >= mostVolumes)
    throw unprocessable(`a droplet takes ${mostVolumes} volumes`);
}

/** GET /v2/volumes/{id}/actions */
export const listVolumeActions = (call: Call): Reply =>
  page(call, "actions", otherActions(call, "volume", volumeOfPath(call).id), (action) => actionBody(action, call.now));

/** GET /v2/volumes/{id}/actions/{action_id} */
export function getVolumeAction(call: Call): Reply {
  const id = idOf(param(call, 1));
  const action = otherActions(call, "volume", volumeOfPath(call).id).find((each) => each.id === id);
  if (!action) throw notFound();
  return { status: 200, body: { action: actionBody(action, call.now) } };
}
