import { idleStatuses } from "#saga-ended.ts";
import type { Insertable, QueryCreator, Selectable, Updateable } from "kysely";
import { sql } from "kysely";
import type { Schema, Tx } from "#db/connection.ts";
import type { SagaSteps, Sagas } from "#db/schema.ts";
import type { Plan } from "./plan.ts";

export type SagaRow = Selectable<Sagas>;
export type StepRow = Selectable<SagaSteps>;
export type SagaPatch = Updateable<Sagas>;

type StepJson = "intent" | "output" | "error" | "undo_error";
/** A change of a step's row; its JSON as text. */
export type StepPatch = Partial<Omit<StepRow, StepJson> & Record<StepJson, string | null>>;
/** Changes of a saga's steps, by their positions. */
export type StepPatches = ReadonlyMap<number, StepPatch>;
export const noSteps: StepPatches = new Map();

/** The row as the change leaves it. */
export function patched(row: StepRow, patch: StepPatch): StepRow {
  const { intent, output, error, undo_error: undoError, ...plain } = patch;
  return {
    ...row,
    ...plain,
    ...(intent !== undefined && { intent: parsed(intent) }),
    ...(output !== undefined && { output: parsed(output) }),
    ...(error !== undefined && { error: parsed(error) }),
    ...(undoError !== undefined && { undo_error: parsed(undoError) }),
  };
}

const parsed = (text: string | null) => (text === null ? null : JSON.parse(text));

/** A state change, as a reader of the saga's history sees it. Never holds outputs or secrets. */
export interface SagaEvent {
  readonly type: "saga" | "step";
  readonly data: Record<string, unknown>;
}

/** A step's state, as the history and the live views show it. An event's `error` is that of the try it tells of. */
export function stepEvent(row: StepRow): SagaEvent {
  const error = row.undo_started_at === null ? row.error : row.undo_error;
  return {
    type: "step",
    data: {
      name: row.name,
      status: row.status,
      attempts: row.attempts,
      ...(error !== null && { error }),
      ...(row.undo_error !== null && { undo_error: row.undo_error }),
      ...(row.waiting_for !== null && { waiting_for: row.waiting_for }),
    },
  };
}

/** PostgreSQL channel that carries the id of every saga whose row changed. */
export const eventsChannel = "arcadia_events";

/** Locks the saga's row until the transaction ends: every change of a saga goes through here (rule 3). */
export const lockSaga = (tx: Tx, id: string): Promise<SagaRow | undefined> =>
  tx.selectFrom("sagas").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();

export const readSteps = (tx: Tx, sagaId: string): Promise<StepRow[]> =>
  tx.selectFrom("saga_steps").selectAll().where("saga_id", "=", sagaId).orderBy("position").execute();

/** A step's row as it is by now. */
export const readStep = (tx: Tx, { saga_id, position }: StepRow): Promise<StepRow> =>
  tx
    .selectFrom("saga_steps")
    .selectAll()
    .where("saga_id", "=", saga_id)
    .where("position", "=", position)
    .executeTakeFirstOrThrow();

/** Inserts a saga with its plan, which its rows are from now on. */
export async function insertSaga(tx: Tx, saga: Insertable<Sagas>, { steps, pivot }: Plan): Promise<void> {
  await tx
    .insertInto("sagas")
    .values({ ...saga, pivot })
    .execute();
  await tx
    .insertInto("saga_steps")
    .values(
      steps.map(({ name, undoAfter }, position) => {
        return { saga_id: saga.id, position, name, status: "pending" as const, undo_after: [...undoAfter] };
      }),
    )
    .execute();
}

/**
 * Writes a locked saga's change, those of its steps, and its events in one statement: the sequence of a saga's events
 * has no gap.
 */
export async function writeSaga(
  tx: Tx,
  saga: SagaRow,
  patch: SagaPatch,
  events: readonly SagaEvent[],
  at: Date,
  steps: StepPatches = noSteps,
): Promise<SagaRow> {
  const along = [...steps].reduce<QueryCreator<Schema>>(
    (queries, [position, step]) =>
      queries.with(`step_${position}`, (db) => updateStep(db, saga.id, position, step)) as QueryCreator<Schema>,
    tx,
  );
  const update = (db: Pick<QueryCreator<Schema>, "updateTable">) =>
    db
      .updateTable("sagas")
      .set({ ...patch, event_sequence: saga.event_sequence + events.length })
      .where("id", "=", saga.id)
      .returningAll()
      .executeTakeFirstOrThrow();
  if (events.length === 0) return update(along);
  const rows = events.map((event, index) => ({
    saga_id: saga.id,
    sequence: saga.event_sequence + index + 1,
    at,
    type: event.type,
    data: JSON.stringify(event.data),
  }));
  const written = await update(along.with("told", (db) => db.insertInto("saga_events").values(rows)));
  await sql`select pg_notify(${eventsChannel}, ${saga.id})`.execute(tx);
  return written;
}

const updateStep = (db: Pick<QueryCreator<Schema>, "updateTable">, saga: string, position: number, patch: StepPatch) =>
  db.updateTable("saga_steps").set(patch).where("saga_id", "=", saga).where("position", "=", position);

/** Writes a step by itself, where its saga stays as it is or is written later. */
export const writeStep = (tx: Tx, step: StepRow, patch: StepPatch): Promise<StepRow> =>
  updateStep(tx, step.saga_id, step.position, patch).returningAll().executeTakeFirstOrThrow();

/** Renews this worker's claims in one statement; returns the ids that are still its own. */
export async function renewLeases(
  tx: Tx,
  worker: string,
  held: ReadonlyMap<string, number>,
  expiresAt: Date,
): Promise<Set<string>> {
  if (held.size === 0) return new Set();
  const rows = await tx
    .updateTable("sagas")
    .set({ lease_expires_at: expiresAt })
    .where("lease_owner", "=", worker)
    .where("id", "in", [...held.keys()])
    .returning(["id", "epoch"])
    .execute();
  return new Set(rows.filter((row) => held.get(row.id) === row.epoch).map((row) => row.id));
}

/** Gives back, to every running deadline, the time since `since`, during which nobody could work (rule 27). */
export async function extendDeadlines(tx: Tx, since: Date, now: Date): Promise<void> {
  const lost = (from: "started_at" | "undo_started_at") =>
    sql<Date>`(${now}::timestamptz - greatest(${since}::timestamptz, ${sql.ref(from)}))`;
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
