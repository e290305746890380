import type { Account, Action, Droplet } from "./account-state.ts";

/** Begins an action that ends by itself at `endsAt`; until then the droplet takes no other. */
export function startAction(
  account: Account,
  droplet: Droplet,
  type: string,
  now: number,
  endsAt: number,
  change: Action["change"] = {},
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
  if (action?.type === "power_off" || action?.type === "shutdown") droplet.power = "off";
  if (["power_on", "power_cycle", "reboot"].includes(action?.type ?? "")) droplet.power = "on";
  Object.assign(droplet, action?.change);
}
