import { actionShape, changeOf } from "./action-change.ts";
import { startAction } from "./action-effects.ts";
import { actionBody } from "./actions.ts";
import { bodyOf, type Call, type Reply } from "./call.ts";
import { foundDroplet } from "./found-droplet.ts";

/** POST /v2/droplets/{id}/actions: one at a time, taking as long as a boot. */
export function createAction(call: Call): Reply {
  const droplet = foundDroplet(call);
  const body = bodyOf(call, actionShape);
  const change = changeOf(call, droplet, body);
  const endsAt = call.now + call.settings.bootMs;
  const action = startAction(call.account, droplet, body.type, call.now, endsAt, change);
  return { status: 201, body: { action: actionBody(action, call.now) } };
}
