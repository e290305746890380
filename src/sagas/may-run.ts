import { after, type Clock } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { type Admit, Hold } from "#engine/engine.ts";
import type { Contact } from "#fleet/contact.ts";
import { readProvider } from "#provider/provider.ts";

/** No saga runs while the provider is down (rule 27), or another account than the saga's is behind the token (rule 26). */
export function createAdmit(options: { clock: Clock; contact: Contact; pollMs: number }) {
  return async (tx: Tx): Promise<Admit> => {
    const provider = await readProvider(tx);
    const now = options.clock.now();
    // The contact wakes all when the provider is back; one that is put on hold at that very moment finds out soon.
    const until = after(now, options.pollMs * 3);
    const objection = options.contact.objection(provider);
    // Where only this worker cannot, it has stopped taking sagas: another may take this one at once.
    if (objection !== undefined) return () => new Hold(provider.status === "up" ? now : until, objection);
    return (saga) =>
      saga.account_uuid !== null && saga.account_uuid !== provider.account_uuid
        ? new Hold(until, `this saga began on account ${saga.account_uuid}; the token is another account's`)
        : { account_uuid: provider.account_uuid };
  };
}
