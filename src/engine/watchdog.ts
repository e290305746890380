import { idleStatuses } from "#saga-ended.ts";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import type { Engine } from "./engine.ts";
import type { SagaQueue } from "./queue.ts";

/** How long after its time a saga without a wake-up is overdue, in milliseconds. */
const graceMs = 60_000;

/**
 * Finds sagas that should run and that no wake-up is there for, and wakes them. It should never find one.
 * @returns how many it found
 */
export async function watch<Io>(engine: Engine<Io>, queue: SagaQueue): Promise<number> {
  const found = await transact(engine.db, async (tx) => {
    const forgotten = await queue.withoutWakeUp(tx, await overdue(tx, after(engine.clock.now(), -graceMs)));
    for (const id of forgotten) await queue.wake(tx, id, engine.clock.now());
    return forgotten;
  });
  for (const saga_id of found)
    engine.log.error(
      { saga_id },
      "A saga was overdue without a wake-up; it got a new one. This is a defect: report it",
    );
  return found.length;
}

async function overdue(tx: Tx, before: Date): Promise<string[]> {
  const rows = await tx
    .selectFrom("sagas")
    .select("id")
    .where("status", "not in", idleStatuses)
    .where((where) =>
      where.or([
        where("wake_at", "<", before),
        where.and([where("wake_at", "is", null), where("lease_expires_at", "<", before)]),
      ]),
    )
    .execute();
  return rows.map((row) => row.id);
}
