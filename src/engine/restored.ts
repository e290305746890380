import { idleStatuses } from "#saga-ended.ts";
import type { Tx } from "#db/connection.ts";
import { write } from "./commands.ts";
import type { StepPatch } from "./rows.ts";
import { lockSaga, readSteps } from "./store.ts";

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
  readonly now: Date;
  /** Stops the sagas, for an operator to retry or resolve each. */
  readonly hold: boolean;
}

const held = {
  code: "restored",
  message: "It was unfinished when the backup was taken, and the restore was told to hold it: retry it to let it go on",
};

/** Frees a saga of the worker that had it, gives its steps fresh deadlines, and wakes it or stops it. */
export async function resume(tx: Tx, sagaId: string, { now, hold }: Resumption): Promise<void> {
  const saga = await lockSaga(tx, sagaId);
  if (!saga) return;
  const fresh: StepPatch =
    saga.direction === "back"
      ? { undo_started_at: null, undo_deadline_at: null, retry_at: null }
      : { started_at: null, deadline_at: null, retry_at: null };
  const open = (await readSteps(tx, sagaId)).filter(({ status }) =>
    ["running", "waiting", "compensating"].includes(status),
  );
  const status = hold ? "stuck" : saga.status;
  await write(
    tx,
    saga,
    {
      status,
      lease_owner: null,
      known_by: null,
      due_at: hold ? null : now,
      ...(hold && { stuck_error: held, waiting_for: null, watching: null }),
      ...(hold && saga.direction === "forward" && { error: held }),
    },
    [{ type: "saga", data: { status, restored: true, ...(hold && { error: held, stuck_error: held }) } }],
    now,
    new Map(open.map(({ position }) => [position, fresh])),
  );
}
