import type { Account, Action, Droplet } from "./account-state.ts";
import { imageOfDroplet } from "./image-of-droplet.ts";

/**
 * Begins an action that ends by itself at `endsAt`; until then the droplet takes no other. `resource` is what it is
 * said to be done to, when that is not the droplet.
 */
export function startAction(
  account: Account,
  droplet: Droplet,
  type: string,
  now: number,
  endsAt: number,
  change: Action["change"] = {},
  resource?: Action["resource"],
): Action {
  const id = account.nextId++;
  const action: Action = {
    id,
    type,
    dropletId: droplet.id,
    region: droplet.region,
    startedAt: now,
    endsAt,
    outcome: "completed",
    change,
    ...(resource && { resource }),
  };
  account.actions.set(id, action);
  droplet.actions.push(id);
  droplet.pendingAction = id;
  return action;
}

/** Lets an action whose time has come take hold. Called by whoever looks at the droplet. */
export function settleAction(account: Account, droplet: Droplet, now: number): void {
  if (droplet.pendingAction === null) return;
  const action = account.actions.get(droplet.pendingAction);
  if (action && now < action.endsAt) return;
  droplet.pendingAction = null;
  if (!action) return;
  const { snapshot, feature, volume, reservedIp, ...changed } = action.change;
  Object.assign(droplet, changed);
  if (changed.power === "on") droplet.bootedAt = action.endsAt;
  if (feature !== undefined && !droplet.features.includes(feature)) droplet.features.push(feature);
  // Nothing is attached, or led, to what is destroyed meanwhile.
  const leads = (to: number | null): boolean => to === null || !droplet.deletion;
  if (volume && leads(volume.dropletId)) Object.assign(account.volumes.get(volume.id) ?? {}, volume);
  if (reservedIp && leads(reservedIp.dropletId))
    Object.assign(account.reservedIps.get(reservedIp.ip) ?? {}, reservedIp);
  if (!snapshot) return;
  const made = { ...snapshot, type: "snapshot", createdAt: action.endsAt } as const;
  account.images.set(snapshot.id, imageOfDroplet(account, droplet, made));
}
