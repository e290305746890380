import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Log } from "#log.ts";
import { tell } from "./store.ts";

/** At most so often: a notification serialises the commits of a database. Milliseconds. */
const everyMs = 50;

/**
 * Tells whoever shows sagas which have changed, some at once, after the commits of their outcomes and beside them. A
 * hint: who does not hear it finds out by polling.
 */
export function createAnnouncer({ db, clock, log }: { readonly db: Db; readonly clock: Clock; readonly log: Log }) {
  let changed = new Set<string>();
  let isTelling = false;

  const tellOn = async (): Promise<void> => {
    isTelling = true;
    try {
      while (changed.size > 0) {
        const ids = [...changed];
        changed = new Set();
        await tell(db, ids);
        await clock.sleep(everyMs);
      }
    } catch (error) {
      log.debug({ err: error }, "Nobody could be told which sagas have changed");
    } finally {
      isTelling = false;
    }
  };

  return (sagaIds: readonly string[]): void => {
    for (const id of sagaIds) changed.add(id);
    if (!isTelling && changed.size > 0) void tellOn();
  };
}
