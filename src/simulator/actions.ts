import type { Action } from "./account-state.ts";
import { type Call, idParam, iso, type Reply } from "./call.ts";
import { findRegion } from "./catalogue.ts";
import { foundDroplet } from "./found-droplet.ts";
import { notFound } from "./errors.ts";
import { page } from "./pagination.ts";

export function actionBody(action: Action, now: number): object {
  const ended = now >= action.endsAt;
  return {
    id: action.id,
    status: ended ? action.outcome : "in-progress",
    type: action.type,
    started_at: iso(action.startedAt),
    completed_at: ended ? iso(action.endsAt) : null,
    resource_id: action.dropletId,
    resource_type: "droplet",
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

/** GET /v2/droplets/{id}/actions, the newest first. */
export function listDropletActions(call: Call): Reply {
  const actions = foundDroplet(call)
    .actions.toReversed()
    .map((id) => call.account.actions.get(id))
    .filter((action) => action !== undefined);
  return page(call, "actions", actions, (action) => actionBody(action, call.now));
}
