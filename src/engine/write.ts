import { closing, prepared } from "#db/prepared.ts";
import type { Tx } from "#db/connection.ts";
import { type SagaEvent, type SagaPatch, sagaPatchOf, type SagaRow, stepPatchesOf, type StepPatches } from "./rows.ts";

// The one place that changes a saga which is there (rules 2 and 3).

/** What is to be written of a saga, its steps and its history, as one. */
export interface Change {
  /** The saga as the writer knows it: the change is written only if it is that still. */
  readonly saga: Pick<
    SagaRow,
    "id" | "epoch" | "lease_owner" | "event_sequence" | "position" | "step_started_at" | "step_deadline_at"
  >;
  readonly patch: SagaPatch;
  readonly stepPatches: StepPatches;
  readonly news: readonly SagaEvent[];
  /** When it came about. */
  readonly at: Date;
}

const sagaColumns = [
  "status",
  "direction",
  "position",
  "pivot",
  "epoch",
  "lease_owner",
  "due_at",
  "watching",
  "waiting_for",
  "cancel_requested_at",
  "cancel_reason",
  "resolution",
  "error",
  "stuck_error",
  "known_by",
  "account_uuid",
  "step_started_at",
  "step_deadline_at",
  "started_at",
  "finished_at",
] as const satisfies readonly (keyof SagaRow)[];

const stepColumns = [
  "status",
  "attempts",
  "undo_attempts",
  "intent",
  "output",
  "error",
  "undo_error",
  "started_at",
  "finished_at",
  "deadline_at",
  "undo_started_at",
  "undo_finished_at",
  "undo_deadline_at",
  "retry_at",
  "watching",
  "waiting_for",
] as const;

const of = (columns: readonly string[]): string => columns.map((column) => `p.${column}`).join(", ");

/**
 * Many sagas' changes in one statement: of each either all is written or nothing. The sequence of a saga's last event
 * is compared and raised by whatever tells something of it: who did not know of a cancel misses.
 */
const statement = `
  with change as materialized (
    select * from jsonb_to_recordset($1::jsonb)
      as it (id uuid, epoch int, owner uuid, sequence int, patch jsonb, steps jsonb, news jsonb, at timestamptz)
  ), saga as (
    update sagas s set (${sagaColumns.join(", ")}, event_sequence) = (
      select ${of(sagaColumns)}, s.event_sequence + jsonb_array_length(change.news)
      from jsonb_populate_record(s, change.patch) p
    )
    from change
    where s.id = change.id and s.epoch = change.epoch and s.lease_owner is not distinct from change.owner
      and s.event_sequence = change.sequence
    returning s.id, s.event_sequence, s.step_deadline_at, change.steps, change.news, change.at
  ), step as (
    update saga_steps t set (${stepColumns.join(", ")}) = (
      select ${of(stepColumns)} from jsonb_populate_record(t, case when it.keeps_deadline
        then it.patch || jsonb_build_object('deadline_at', saga.step_deadline_at) else it.patch end) p
    )
    from saga
      cross join lateral jsonb_to_recordset(saga.steps) as it (position int, patch jsonb, keeps_deadline boolean)
    where t.saga_id = saga.id and t.position = it.position
  ), event as (
    insert into saga_log (saga_id, sequence, at, news)
    select saga.id, saga.event_sequence, saga.at, saga.news from saga where saga.news <> '[]'
  )
  select id from saga
`;
const writing = prepared<{ id: string }>(statement);
const writingLast = closing<{ id: string }>(statement);

/** Writes changes of sagas, each of another. @returns the ids of those that were as their writers knew them */
export const writeChanges = (tx: Tx, changes: readonly Change[]): Promise<Set<string>> => run(writing, tx, changes);

/** Does so, and has the transaction committed at once: it does no more. */
export const writeLast = (tx: Tx, changes: readonly Change[]): Promise<Set<string>> => run(writingLast, tx, changes);

async function run(write: typeof writing, tx: Tx, changes: readonly Change[]): Promise<Set<string>> {
  if (changes.length === 0) return new Set();
  const sent = changes.map((change) => ({
    id: change.saga.id,
    epoch: change.saga.epoch,
    owner: change.saga.lease_owner,
    sequence: change.saga.event_sequence,
    patch: sagaPatchOf(change),
    steps: stepPatchesOf(change),
    news: change.news,
    at: change.at,
  }));
  const rows = await write(tx, [JSON.stringify(sent)]);
  return new Set(rows.map(({ id }) => id));
}
