import { asBegun } from "#step-begun.ts";
import { sql } from "kysely";
import { idleStatuses } from "#saga-ended.ts";
import type { Db, Tx } from "#db/connection.ts";
import { prepared, statement } from "#db/prepared.ts";
import type { SagaRow, StepRow } from "./rows.ts";

/** PostgreSQL channel that carries the id of every saga whose row changed. */
export const eventsChannel = "arcadia_events";
/** PostgreSQL channel on which workers hear that a saga, or a chore, may be ready to run. */
export const wakeChannel = "arcadia_wake";

/** Locks the saga's row until the transaction ends: whoever changes a saga by what it reads goes through here (rule 3). */
export const lockSaga = (tx: Tx, id: string): Promise<SagaRow | undefined> =>
  tx.selectFrom("sagas").selectAll().where("id", "=", id).forNoKeyUpdate().executeTakeFirst();

/** Locks the saga's row if it is this claim's still. */
export const lockMine = statement<SagaRow>(
  "select * from sagas where id = $1 and epoch = $2 and lease_owner = $3 for no key update",
);

/** The steps of a saga that has just been read, as they are. */
export const readSteps = async (tx: Tx, saga: SagaRow): Promise<readonly StepRow[]> =>
  asBegun(
    saga,
    await tx.selectFrom("saga_steps").selectAll().where("saga_id", "=", saga.id).orderBy("position").execute(),
  );

/** Writes what a step is about to do; its saga is locked, and told nothing. @returns the step's row with it */
export async function writeIntent(tx: Tx, row: StepRow, intent: string): Promise<StepRow> {
  const written = await tx
    .updateTable("saga_steps")
    .set({ intent })
    .where("saga_id", "=", row.saga_id)
    .where("position", "=", row.position)
    .returning("intent")
    .executeTakeFirstOrThrow();
  return { ...row, ...written };
}

/** Has the workers look, once the transaction commits. A hint: who does not hear it finds by polling what is due. */
export async function ring(tx: Tx): Promise<void> {
  await sql`select pg_notify(${wakeChannel}, '')`.execute(tx);
}

/** Tells whoever shows sagas that these have changed. A hint too. */
export async function tell(db: Db | Tx, sagaIds: readonly string[]): Promise<void> {
  await sql`select pg_notify(${eventsChannel}, id::text) from unnest(${[...sagaIds]}::uuid[]) as it (id)`.execute(db);
}

/** When the next saga is to be looked at; in the past when one is waiting for a worker. */
export const readNextDue = prepared<{ due_at: Date | null }>(
  "select min(due_at) as due_at from sagas where due_at is not null",
);

/** Of the sagas that are due, the first that nobody has locked: free ones, and those whose holder's lease is over. */
export const lockDue = statement<SagaRow>(
  "select * from sagas where due_at <= $1 order by due_at, id limit $2 for no key update skip locked",
);

export const readPlans = statement<StepRow>(
  'select * from "saga_steps" where "saga_id" = any($1::uuid[]) order by saga_id, "position"',
);

/** Prolongs leases that are this worker's still; of sagas that somebody has locked it does so the next time. */
export const renewLeases = prepared<{ id: string }>(`
  with mine as materialized (
    select s.id from sagas s join unnest($2::uuid[], $3::int[]) as held (id, epoch) on s.id = held.id and s.epoch = held.epoch
    where s.lease_owner = $1
    for no key update of s skip locked
  )
  update sagas s set due_at = $4 from mine where s.id = mine.id returning s.id
`);

/** Who holds these sagas now. */
export const readHolders = prepared<Pick<SagaRow, "id" | "epoch" | "lease_owner">>(
  "select id, epoch, lease_owner from sagas where id = any($1::uuid[])",
);

/** Frees, at $1, what is held until after $2, which is longer than any lease can last: a clock that was wrong wrote it. */
export const freeOverlong = prepared<never>(
  "update sagas set due_at = $1 where due_at > $2 and lease_owner is not null",
);

/** Puts off a saga that could not be taken, so that it does not keep the others waiting. */
export const putOff = prepared<never>("update sagas set due_at = $2 where id = $1 and due_at is not null");

/** Gives back, to every running deadline, the time since `since`, during which nobody could work (rule 27). */
export async function extendDeadlines(tx: Tx, since: Date, now: Date): Promise<void> {
  const lost = (from: "started_at" | "undo_started_at" | "step_started_at") =>
    sql<Date>`(${now}::timestamptz - greatest(${since}::timestamptz, ${sql.ref(from)}))`;
  // First: what a saga tells of its step cannot become the step's own row any more until this is committed.
  await tx
    .updateTable("sagas")
    .set({ step_deadline_at: sql<Date>`step_deadline_at + ${lost("step_started_at")}` })
    .where("step_started_at", "is not", null)
    .where("finished_at", "is", null)
    .execute();
  await tx
    .updateTable("saga_steps")
    .set({
      deadline_at: sql<Date>`deadline_at + ${lost("started_at")}`,
      undo_deadline_at: sql<Date>`undo_deadline_at + ${lost("undo_started_at")}`,
    })
    .where("status", "in", ["running", "waiting", "compensating"])
    .execute();
  await tx
    .updateTable("sagas")
    .set({ known_by: sql<Date>`known_by + (${now}::timestamptz - ${since}::timestamptz)` })
    .where("known_by", "is not", null)
    .where("status", "not in", idleStatuses)
    .execute();
}
