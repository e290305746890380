import type { Action } from "./account-state.ts";
import { type Call, idParam, iso, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { foundDroplet } from "./found-droplet.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";

export function actionBody(action: Action, now: number): object {
  const ended = now >= action.endsAt;
  return {
    id: action.id,
    status: ended ? action.outcome : "in-progress",
    type: action.type,
    started_at: iso(action.startedAt),
    completed_at: ended ? iso(action.endsAt) : null,
    resource_id: action.resource ? action.resource.id : action.dropletId,
    resource_type: action.resource?.type ?? "droplet",
    region: findRegion(action.region),
    region_slug: action.region,
  };
}

const answer = (call: Call, action: Action | undefined): Reply => {
  if (!action) throw notFound();
  return { status: 200, body: { action: actionBody(action, call.now) } };
};

/** GET /v2/actions/{id} */
export const getAction = (call: Call): Reply => answer(call, call.account.actions.get(idParam(call, 0)));

/** GET /v2/droplets/{id}/actions/{action_id} */
export function getDropletAction(call: Call): Reply {
  const id = idParam(call, 1);
  return answer(call, foundDroplet(call).actions.includes(id) ? call.account.actions.get(id) : undefined);
}

/** Begins an action that no droplet takes part in: what it does is done, and it only takes as long as a boot. */
export function startOther(
  call: Call,
  type: string,
  resource: NonNullable<Action["resource"]>,
  region: string,
): Action {
  const { account, now, settings } = call;
  const id = account.nextId++;
  const times = { startedAt: now, endsAt: now + settings.bootMs };
  const action: Action = { id, type, dropletId: null, resource, region, ...times, outcome: "completed", change: {} };
  account.actions.set(id, action);
  return action;
}

/** All that was ever done to a resource that is no droplet, the newest first. */
export const otherActions = ({ account }: Call, type: string, key: string): Action[] =>
  [...account.actions.values()].filter(({ resource }) => resource?.type === type && resource.key === key).toReversed();

/** Throws the 422 while something is on its way to the resource already. */
export function refusePending(call: Call, type: string, key: string): void {
  if (otherActions(call, type, key).some((action) => call.now < action.endsAt))
    throw unprocessable("The resource already has a pending event.");
}

/** GET /v2/actions, the newest first. */
export const listActions = (call: Call): Reply =>
  page(call, "actions", [...call.account.actions.values()].toReversed(), (action) => actionBody(action, call.now));

/** GET /v2/droplets/{id}/actions, the newest first. */
export function listDropletActions(call: Call): Reply {
  const actions = foundDroplet(call)
    .actions.toReversed()
    .map((id) => call.account.actions.get(id))
    .filter((action) => action !== undefined);
  return page(call, "actions", actions, (action) => actionBody(action, call.now));
}
