import type { Account, Droplet } from "./account-state.ts";
import type { Call, Reply } from "./call.ts";
import type { DeleteWhileNew } from "./consistency.ts";
import { dropletBody, isListed, shownTags } from "./droplet-view.ts";
import { notFound, unprocessable } from "./errors.ts";
import { foundDroplet } from "./found-droplet.ts";
import { page } from "./pagination.ts";
import { release } from "./release.ts";
import { settle } from "./settle.ts";
import { detachTag, findTag } from "./tags.ts";

export const liveDroplets = (account: Account): number => account.createdTotal - account.destroyedTotal;

/** GET /v2/droplets, all of them, of one tag, or of one name (exact, in any case). */
export function listDroplets(call: Call): Reply {
  const { account, now, query } = call;
  const tag = query.get("tag_name");
  const name = query.get("name")?.toLowerCase();
  if (tag !== null && (name !== undefined || query.has("type")))
    throw unprocessable("tag_name cannot be combined with name or type");
  if (tag !== null) call.allow("tag:read");
  forgetDestroyed(account, now);
  let droplets = tag === null ? [...account.droplets.values()] : taggedDroplets(account, tag, now);
  if (name !== undefined) droplets = droplets.filter((droplet) => droplet.name.toLowerCase() === name);
  if (query.get("type") === "gpus") droplets = [];
  return page(
    call,
    "droplets",
    droplets.filter((droplet) => isListed(droplet, now)),
    (droplet) => viewOf(call, droplet),
  );
}

/** GET /v2/droplets/{id} */
export const getDroplet = (call: Call): Reply => ({ status: 200, body: { droplet: viewOf(call, foundDroplet(call)) } });

/** DELETE /v2/droplets/{id}: 204 comes before the end, and while `new` it may be refused or do nothing. */
export function deleteDroplet(call: Call): Reply {
  const droplet = foundDroplet(call);
  const deletable = deletability(call.account, droplet, call.now);
  if (deletable === "refused") throw unprocessable("Droplet already has a pending event.");
  if (deletable === "works") destroy(call, droplet);
  return { status: 204 };
}

/** DELETE /v2/droplets?tag_name=…: all that carry the tag by now, and none of them is named in the answer. */
export function deleteDropletsByTag(call: Call): Reply {
  call.allow("tag:read");
  const name = call.query.get("tag_name");
  if (!name) throw unprocessable("tag_name is required");
  if (!findTag(call.account, name)) throw notFound();
  for (const droplet of taggedDroplets(call.account, name, call.now))
    if (deletability(call.account, droplet, call.now) === "works") destroy(call, droplet);
  return { status: 204 };
}

function viewOf(call: Call, droplet: Droplet): object {
  settle(call.account, droplet, call.now);
  return dropletBody(call, droplet);
}

/** Tags show up after the droplet does: what was just created may be missing here. */
export function taggedDroplets(account: Account, name: string, now: number): Droplet[] {
  const ids = findTag(account, name)?.droplets ?? [];
  return [...ids]
    .map((id) => account.droplets.get(id))
    .filter((droplet) => droplet !== undefined)
    .filter((droplet) => shownTags(droplet, now).includes(name));
}

/** Whether a DELETE takes hold now: not while another action runs, and while `new` as the droplet's luck has it. */
function deletability(account: Account, droplet: Droplet, now: number): DeleteWhileNew {
  settle(account, droplet, now);
  if (now < droplet.activeAt) return droplet.deleteWhileNew;
  return droplet.pendingAction === null ? "works" : "refused";
}

function destroy({ account, consistency, now, settings }: Call, droplet: Droplet): void {
  if (droplet.deletion) return;
  account.destroyedTotal++;
  if (settings.strangers) account.strangers.push(droplet.address);
  else account.freeAddresses.push(droplet.address);
  release(account, droplet);
  droplet.deletion = {
    listedUntil: now + consistency.lag(`still listed ${droplet.id}`),
    foundUntil: now + consistency.lag(`still found ${droplet.id}`),
  };
}

/** Drops what a deletion's lag has run out for, except its actions. A listing walks over everything anyway. */
function forgetDestroyed(account: Account, now: number): void {
  for (const droplet of account.droplets.values()) {
    const { deletion } = droplet;
    if (!deletion || now < deletion.listedUntil || now < deletion.foundUntil) continue;
    account.droplets.delete(droplet.id);
    for (const tag of droplet.tags) detachTag(account, droplet, tag.name);
  }
}
