import { transact } from "#db/transact.ts";
import type { Tx } from "#db/connection.ts";
import { type ClaimedSaga, unwritten } from "./claimed-saga.ts";
import type { Engine } from "./engine.ts";
import { Superseded } from "./failure.ts";
import { lockMine } from "./store.ts";
import { writeChanges } from "./write.ts";

/**
 * Runs `work` in a transaction of its own with the saga as it stands now: its row locked and proven to be ours still
 * (rule 3).
 * @throws {Superseded} when another worker took the saga over; nothing is written then.
 */
export const fenced = <Io, Mine extends ClaimedSaga<Io>, Result>(
  engine: Engine<Io>,
  claimed: Mine,
  work: (tx: Tx, claimed: Mine) => Promise<Result>,
): Promise<Result> => transact(engine.db, async (tx) => work(tx, await locked<Io, Mine>(tx, claimed)));

/** The saga as it stands now, its row locked. @throws {Superseded} when it is not ours any more */
export async function locked<Io, Mine extends ClaimedSaga<Io>>(tx: Tx, claimed: Mine): Promise<Mine> {
  const { id, epoch, lease_owner: owner } = claimed.saga;
  const [saga] = await lockMine(tx, [id, epoch, owner]);
  if (!saga) throw new Superseded(id);
  return { ...claimed, ...unwritten, saga };
}

/** Writes what was found out about one saga. @throws {Superseded} when it is not as it was known any more */
export async function writeOne<Io>(tx: Tx, claimed: ClaimedSaga<Io>): Promise<void> {
  const written = await writeChanges(tx, [claimed]);
  if (!written.has(claimed.saga.id)) throw new Superseded(claimed.saga.id);
}
