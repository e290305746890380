import type { Db } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Sagas } from "#sagas/start.ts";

const batch = 20;

/** Has the snapshots deleted that are kept no longer; one that a saga of its deployment may need waits for its end. */
export async function expireSnapshots(db: Db, sagas: Pick<Sagas, "expireSnapshots">): Promise<void> {
  for (;;) if ((await transact(db, (tx) => sagas.expireSnapshots(tx, batch))) < batch) return;
}
