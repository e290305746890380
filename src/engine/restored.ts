import { idleStatuses } from "#saga-ended.ts";
import type { Tx } from "#db/connection.ts";
import type { WakeUps } from "./engine.ts";
import { lockSaga, readSteps, type StepPatch, writeSaga, writeStep } from "./store.ts";

/** Every saga that a restored database holds as unfinished. */
export async function unfinishedSagas(tx: Tx): Promise<string[]> {
  const rows = await tx
    .selectFrom("sagas")
    .select("id")
    .where("status", "not in", idleStatuses)
    .orderBy("created_at")
    .execute();
  return rows.map((row) => row.id);
}

export interface Resumption {
  readonly wakeUps: Pick<WakeUps, "wake">;
  readonly now: Date;
  /** Stops the sagas, for an operator to retry or resolve each. */
  readonly hold: boolean;
}

const held = {
  code: "restored",
  message: "It was unfinished when the backup was taken, and the restore was told to hold it: retry it to let it go on",
};

/** Frees a saga of the worker that had it, gives its steps fresh deadlines, and wakes it or stops it. */
export async function resume(tx: Tx, sagaId: string, { wakeUps, now, hold }: Resumption): Promise<void> {
  const saga = await lockSaga(tx, sagaId);
  if (!saga) return;
  const fresh: StepPatch =
    saga.direction === "back"
      ? { undo_started_at: null, undo_deadline_at: null, retry_at: null }
      : { started_at: null, deadline_at: null, retry_at: null };
  for (const row of await readSteps(tx, sagaId))
    if (["running", "waiting", "compensating"].includes(row.status)) await writeStep(tx, row, fresh);
  const status = hold ? "stuck" : saga.status;
  await writeSaga(
    tx,
    saga,
    {
      status,
      lease_owner: null,
      lease_expires_at: null,
      known_by: null,
      wake_at: hold ? null : now,
      ...(hold && { stuck_error: JSON.stringify(held), waiting_for: null, watching: null }),
      ...(hold && saga.direction === "forward" && { error: JSON.stringify(held) }),
    },
    [{ type: "saga", data: { status, restored: true, ...(hold && { error: held, stuck_error: held }) } }],
    now,
  );
  if (!hold) await wakeUps.wake(tx, sagaId, now);
}
