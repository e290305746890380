import type { Action, Droplet } from "./account-state.ts";
import { startAction } from "./action-effects.ts";
import { backupPlan } from "./backup-plan.ts";
import { appOf } from "./apps.ts";
import type { Call, Reply } from "./call.ts";
import { acceptedBody } from "./droplet-view.ts";
import { type DropletInput, dropletInput } from "./droplet-input.ts";
import { liveDroplets } from "./droplets.ts";
import { unprocessable } from "./errors.ts";
import { takeAddress } from "./networks.ts";
import { attachTag, ensureTag } from "./tags.ts";

/** POST /v2/droplets: 202 means accepted. No idempotency, names are not unique, up to ten at a time. */
export function createDroplets(call: Call): Reply {
  const input = dropletInput(call);
  call.allow("droplet:create");
  if (input.tags.length > 0) call.allow("tag:create");
  if (liveDroplets(call.account) + input.names.length > call.settings.dropletLimit)
    throw unprocessable("creating this/these droplet(s) will exceed your droplet limit");
  const tags = [...new Set(input.tags.map((tag) => ensureTag(call.account, tag).name))];
  const made = input.names.map((name) => createDroplet(call, input, name, tags));
  const bodies = made.map(({ droplet }) => acceptedBody(call, droplet, tags));
  const actions = made.map(({ action: { id } }) => ({
    id,
    rel: "create",
    href: `${call.origin}/v2/actions/${id}`,
  }));
  const links = { actions };
  return { status: 202, body: input.several ? { droplets: bodies, links } : { droplet: bodies[0], links } };
}

function createDroplet(
  call: Call,
  input: DropletInput,
  name: string,
  tags: string[],
): { droplet: Droplet; action: Action } {
  const { account, consistency, now } = call;
  const id = account.nextId++;
  const activeAt = now + call.settings.bootMs;
  const tagsShownAt = now + consistency.lag(`tags ${id}`);
  const droplet: Droplet = {
    id,
    name,
    region: input.region,
    size: input.size.slug,
    disk: input.size.disk,
    image: input.image,
    features: [...input.features],
    publicNetworking: input.publicNetworking,
    backups: input.backups ? backupPlan(input.backups.policy, { seed: account.seed, dropletId: id }, now) : null,
    vpc: input.vpc,
    address: takeAddress(account),
    tags: [],
    power: "on",
    pendingAction: null,
    actions: [],
    deleteWhileNew: consistency.deleteWhileNew(id),
    createdAt: now,
    listedAt: now + consistency.lag(`list ${id}`),
    foundAt: now + consistency.getLag(id),
    activeAt,
    app: appOf(input.userData),
    addressAt: activeAt + consistency.lag(`address ${id}`),
    lockedUntil: consistency.lockedUntil(id, now, activeAt),
    deletion: null,
  };
  const action = startAction(account, droplet, "create", now, activeAt);
  if (call.placementFails) {
    action.outcome = "errored";
    account.freeAddresses.push(droplet.address);
  } else {
    account.createdTotal++;
    account.droplets.set(id, droplet);
    for (const volume of input.volumes) volume.dropletId = id;
    for (const tag of tags) attachTag(account, droplet, tag, tagsShownAt);
  }
  return { droplet, action };
}
