import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { endedStatuses } from "#saga-ended.ts";
import { write } from "./commands.ts";
import type { SagaRow, StepPatch } from "./rows.ts";
import { lockSaga, readSteps } from "./store.ts";

/** Every saga that a restored database holds as unfinished, those that are stuck among them. */
export const unfinishedSagas = (tx: Tx): Promise<Pick<SagaRow, "id" | "status">[]> =>
  tx
    .selectFrom("sagas")
    .select(["id", "status"])
    .where("status", "not in", endedStatuses)
    .orderBy("created_at")
    .execute();

/**
 * When the saga came out of a backup, if it did: what it has done between the backup and that moment, its rows do not know.
 */
export async function restoredAt(db: Db | Tx, sagaId: string): Promise<Date | undefined> {
  const event = await db
    .selectFrom("saga_events")
    .select("at")
    .where("saga_id", "=", sagaId)
    .where(sql<boolean>`data->>'restored' = 'true'`)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return event?.at;
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

/**
 * Frees a saga of the worker that had it, gives its steps fresh deadlines, and wakes it or stops it. One that was stuck, or held, stays
 * so: when it is retried, it has to know that it was restored.
 */
export async function resume(tx: Tx, sagaId: string, { now, hold }: Resumption): Promise<void> {
  const saga = await lockSaga(tx, sagaId);
  if (!saga) return;
  const fresh: StepPatch =
    saga.direction === "back"
      ? { undo_started_at: null, undo_deadline_at: null, retry_at: null }
      : { started_at: null, deadline_at: null, retry_at: null };
  const open = (await readSteps(tx, saga)).filter(({ status }) =>
    ["running", "waiting", "compensating"].includes(status),
  );
  const stands = saga.status === "stuck" || saga.status === "held";
  const stops = hold && !stands;
  const status = stops ? "stuck" : saga.status;
  await write(
    tx,
    saga,
    {
      status,
      lease_owner: null,
      known_by: null,
      due_at: hold || stands ? null : now,
      ...(stops && { stuck_error: held, waiting_for: null, watching: null }),
      ...(stops && saga.direction === "forward" && { error: held }),
    },
    [{ type: "saga", data: { status, restored: true, ...(stops && { error: held, stuck_error: held }) } }],
    now,
    new Map(open.map(({ position }) => [position, fresh])),
  );
}
