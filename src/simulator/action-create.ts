import type { Action, Droplet } from "./account-state.ts";
import { actionShape, changeOf } from "./action-change.ts";
import { startAction } from "./action-effects.ts";
import { actionBody } from "./actions.ts";
import { bodyOf, type Call, type Reply } from "./call.ts";
import { taggedDroplets } from "./droplets.ts";
import { notFound, unprocessable } from "./errors.ts";
import { foundDroplet } from "./found-droplet.ts";
import { settle } from "./settle.ts";
import { findTag } from "./tags.ts";

/** POST /v2/droplets/{id}/actions: one at a time, taking as long as a boot. */
export function createAction(call: Call): Reply {
  const droplet = foundDroplet(call);
  const body = bodyOf(call, actionShape);
  const change = changeOf(call, droplet, body);
  // "Completed" has come with the droplet as it was (godo PR#136).
  const action = start(call, droplet, body.type, call.isIneffective ? {} : change);
  return { status: 201, body: { action: actionBody(action, call.now) } };
}

/** POST /v2/droplets/actions?tag_name=…: on all that carry the tag, or on none when one of them refuses. */
export function createActionByTag(call: Call): Reply {
  call.allow("tag:read");
  const name = call.query.get("tag_name") ?? "";
  if (!findTag(call.account, name)) throw notFound();
  const body = bodyOf(call, actionShape);
  if (!forMany.has(body.type)) throw unprocessable("The action type is not valid for a tag.");
  const droplets = taggedDroplets(call.account, name, call.now);
  for (const droplet of droplets) settle(call.account, droplet, call.now);
  const changes = droplets.map((droplet) => ({ droplet, change: changeOf(call, droplet, body) }));
  const actions = changes.map(({ droplet, change }) => start(call, droplet, body.type, change));
  return { status: 201, body: { actions: actions.map((action) => actionBody(action, call.now)) } };
}

/** What the official document lists for droplets of a tag. */
const forMany = new Set([
  "power_cycle",
  "power_on",
  "power_off",
  "shutdown",
  "enable_ipv6",
  "enable_backups",
  "disable_backups",
  "snapshot",
]);

const start = (call: Call, droplet: Droplet, type: string, change: Action["change"]): Action =>
  startAction(call.account, droplet, type, call.now, call.now + call.settings.bootMs, change);
