import type { Droplet } from "./account-state.ts";
import { type Call, idParam } from "./call.ts";
import { isFound } from "./droplet-view.ts";
import { notFound } from "./errors.ts";
import { settle } from "./settle.ts";

/** The droplet that the path names, as far as the API shows it yet or still. */
export function foundDroplet(call: Call): Droplet {
  const droplet = call.account.droplets.get(idParam(call, 0));
  if (!droplet || !isFound(droplet, call.now)) throw notFound();
  settle(call.account, droplet, call.now);
  return droplet;
}
