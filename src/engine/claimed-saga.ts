import { asBegun } from "#step-begun.ts";
import { wellFormed } from "#well-formed.ts";
import { isPastPivot } from "./plan.ts";
import {
  asStored,
  sagaPatchOf,
  type SagaEvent,
  type SagaPatch,
  type SagaRow,
  stepEvent,
  type StepPatch,
  type StepPatches,
  type StepRow,
} from "./rows.ts";
import type { AnySaga, AnyStep } from "./saga.ts";

/**
 * A saga in this worker's hands, under an epoch that nobody else has: its rows as they are known to be, and what is to
 * be written of them next. A plain value: whatever decides about a saga makes another of it, and writes nothing.
 */
export interface ClaimedSaga<Io> {
  /** Where the steps of its plan are found, by name. */
  readonly definition: AnySaga<Io>;
  /** As the database has it. */
  readonly saga: SagaRow;
  /** As the database will have them. */
  readonly steps: readonly StepRow[];
  /** What has been found out about the saga and its steps since; written as one. */
  readonly patch: SagaPatch;
  readonly stepPatches: StepPatches;
  readonly news: readonly SagaEvent[];
  /** When it was found out. */
  readonly at: Date;
  /** The position of the step that goes on once this is written; undefined: it is given back, has ended or is stuck. */
  readonly next: number | undefined;
  /** For the log, once this is written. */
  readonly remark: Remark | undefined;
}

/** The end of a saga, or why it stopped for good. */
export type Remark =
  | { readonly ended: "completed" | "rolled_back" }
  | { readonly stuck: { readonly code: string; readonly message: string; readonly step?: string } }
  | { readonly unknown: string };

/** A saga whose step has begun, and is committed as begun: what is done, or undone, now. */
export interface BegunSaga<Io> extends ClaimedSaga<Io> {
  readonly step: AnyStep<Io>;
  readonly row: StepRow;
}

/** Of a saga about which nothing has been found out yet. */
export const unwritten = {
  patch: {},
  stepPatches: new Map() as StepPatches,
  news: [],
  next: undefined,
  remark: undefined,
} as const;

/** Whether somebody has asked for its end, and it can be ended. */
export const isCancelled = <Io>({ saga, patch: { pivot = saga.pivot } }: ClaimedSaga<Io>): boolean =>
  saga.cancel_requested_at !== null && !isPastPivot({ ...saga, pivot });

export const isGoingBack = <Io>({ saga, patch }: ClaimedSaga<Io>): boolean =>
  (patch.direction ?? saga.direction) === "back";

/** The saga, with more to write. */
export const change = <Io>(
  claimed: ClaimedSaga<Io>,
  patch: SagaPatch,
  events: readonly SagaEvent[] = [],
): ClaimedSaga<Io> => ({
  ...claimed,
  patch: { ...claimed.patch, ...differing({ ...claimed.saga, ...claimed.patch }, patch) },
  news: [...claimed.news, ...events],
});

/** Of a change, what is another value than there is: no more is sent, and written. */
function differing<Row extends object>(row: Row, patch: Partial<Row>): Partial<Row> {
  const same = (Object.keys(patch) as (keyof Row)[]).filter((key) => patch[key] === row[key]);
  if (same.length === 0) return patch;
  const different = { ...patch };
  for (const key of same) delete different[key];
  return different;
}

/** The saga, with a change of one of its steps to write. @param isTold whether a reader of the history should see it */
export function changeStep<Io>(
  claimed: ClaimedSaga<Io>,
  { position }: StepRow,
  patch: StepPatch,
  isTold = true,
): ClaimedSaga<Io> {
  const before = rowOf(claimed, position);
  const row = { ...before, ...patch };
  const all = { ...claimed.stepPatches.get(position), ...differing(before, patch) };
  const stepPatches = new Map([...claimed.stepPatches, [position, all]]);
  const changed = { ...claimed, steps: claimed.steps.with(position, row), stepPatches };
  return isTold ? change(changed, {}, [stepEvent(row)]) : changed;
}

/** The saga with its next step begun for the first time, which its own row tells. */
export function beginFirst<Io>(claimed: ClaimedSaga<Io>, position: number, now: Date, deadline: Date): ClaimedSaga<Io> {
  const patch = { position, step_started_at: now, step_deadline_at: deadline };
  const steps = asBegun(patch, claimed.steps);
  const told = [stepEvent(rowOf({ ...claimed, steps }, position))];
  return change({ ...claimed, steps }, patch, told);
}

/** The saga with its steps as they have just been read, and what is to be written of them. */
export const withSteps = <Io, Claimed extends ClaimedSaga<Io>>(
  claimed: Claimed,
  rows: readonly StepRow[],
): Claimed => ({
  ...claimed,
  steps: rows.map((row) => ({ ...row, ...claimed.stepPatches.get(row.position) })),
});

/** The step's row as it will be. */
export function rowOf<Io>({ steps, saga }: ClaimedSaga<Io>, position: number): StepRow {
  const row = steps[position];
  if (!row) throw new Error(`Saga ${saga.id} has no step ${position}`);
  return row;
}

/** The saga once all that was found out is written: the step that goes on, if one does. */
export function begun<Io>(claimed: ClaimedSaga<Io>): BegunSaga<Io> | undefined {
  const { definition, saga, news, at, next } = claimed;
  if (next === undefined) return undefined;
  const row = rowOf(claimed, next);
  const step = stepOf(claimed, row);
  const written: SagaRow = { ...saga, ...sagaPatchOf(claimed), event_sequence: saga.event_sequence + news.length };
  return { ...unwritten, at, definition, saga: written, steps: claimed.steps, step, row };
}

/** The step that a row of the saga is about. */
export function stepOf<Io>({ definition, saga }: ClaimedSaga<Io>, { name }: StepRow): AnyStep<Io> {
  const step = definition.named(name);
  if (!step) throw new Error(`Saga ${saga.id} has come to step ${name}, which this release does not know`);
  return step;
}

/**
 * Gives the saga back until `at`: its next wake-up is part of the outcome (rule 2). `reason`: for people.
 * @param isTold whether a reader of the history should see it
 */
export function release<Io>(
  claimed: ClaimedSaga<Io>,
  at: Date,
  reason: string | null,
  watching: string | null,
  isTold = true,
): ClaimedSaga<Io> {
  const { saga } = claimed;
  const waitingFor = reason && wellFormed(reason);
  const status = isGoingBack(claimed) ? "compensating" : "waiting";
  const waiting: SagaEvent = { type: "saga", data: { status, waiting_for: waitingFor } };
  const told = !isTold || (saga.status === status && saga.waiting_for === waitingFor) ? [] : [waiting];
  return change(claimed, { status, due_at: at, waiting_for: waitingFor, watching, lease_owner: null }, told);
}

/** An error as its column keeps it. */
export const asError = (error: { code: string; message: string; step?: string }) => asStored(error);
