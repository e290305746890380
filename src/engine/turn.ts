import { transact } from "#db/transact.ts";
import type { Tx } from "#db/connection.ts";
import { storable } from "#db/storable.ts";
import type { Engine } from "./engine.ts";
import { Superseded } from "./failure.ts";
import { isPastPivot } from "./plan.ts";
import type { AnySaga, AnyStep } from "./saga.ts";
import {
  lockSaga,
  noSteps,
  patched,
  type SagaEvent,
  type SagaPatch,
  type SagaRow,
  stepEvent,
  type StepPatch,
  type StepPatches,
  type StepRow,
  writeSaga,
} from "./store.ts";

/** A saga in this worker's hands: its rows as they will be written, under an epoch that nobody else has. */
export interface Turn<Io> {
  /** Where the steps of its plan are found, by name. */
  readonly definition: AnySaga<Io>;
  readonly saga: SagaRow;
  readonly steps: readonly StepRow[];
  readonly jobId: string;
  /** What this transaction has found out about the saga and its steps; written as one, with its last word. */
  readonly patch: SagaPatch;
  readonly stepPatches: StepPatches;
  readonly news: readonly SagaEvent[];
}

/** A turn whose step has begun, and is committed as begun: what is done, or undone, now. */
export interface Begun<Io> extends Turn<Io> {
  readonly step: AnyStep<Io>;
  readonly row: StepRow;
}

/** Whether somebody has asked for its end, and it can be ended. */
export const isCancelled = <Io>({ saga }: Turn<Io>): boolean => saga.cancel_requested_at !== null && !isPastPivot(saga);

/** The turn, with more to write. */
export const change = <Io>(turn: Turn<Io>, patch: SagaPatch, events: readonly SagaEvent[] = []): Turn<Io> => ({
  ...turn,
  patch: { ...turn.patch, ...patch },
  news: [...turn.news, ...events],
});

/** Of a turn whose transaction has found out nothing yet. */
export const unwritten = { patch: {}, stepPatches: noSteps, news: [] } as const;

/** The turn with a change of one of its steps to write. @param isTold whether a reader of the history should see it */
export function changeStep<Io>(turn: Turn<Io>, { position }: StepRow, patch: StepPatch, isTold = true): Turn<Io> {
  const row = patched(rowOf(turn, position), patch);
  const stepPatches = new Map([...turn.stepPatches, [position, { ...turn.stepPatches.get(position), ...patch }]]);
  return change({ ...turn, steps: turn.steps.with(position, row), stepPatches }, {}, isTold ? [stepEvent(row)] : []);
}

/** The step's row as the turn has it by now. */
export function rowOf<Io>({ steps, saga }: Turn<Io>, position: number): StepRow {
  const row = steps[position];
  if (!row) throw new Error(`Saga ${saga.id} has no step ${position}`);
  return row;
}

/** Writes all that the turn has gathered. @returns the saga's row */
export const write = <Io>(tx: Tx, turn: Turn<Io>, at: Date): Promise<SagaRow> =>
  writeSaga(tx, turn.saga, turn.patch, turn.news, at, turn.stepPatches);

/** Gives the saga back until `at`: its next wake-up, in the transaction of the outcome (rule 2). `reason`: for people. @param isTold whether it is news */
export async function release<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  at: Date,
  reason: string | null,
  watching: string | null,
  isTold = true,
): Promise<undefined> {
  const { saga } = turn;
  const waitingFor = reason && storable(reason);
  const status = (turn.patch.direction ?? saga.direction) === "forward" ? "waiting" : "compensating";
  const patch: SagaPatch = {
    status,
    wake_at: at,
    waiting_for: waitingFor,
    watching,
    lease_owner: null,
    lease_expires_at: null,
  };
  const waiting: SagaEvent = { type: "saga", data: { status, waiting_for: waitingFor } };
  const told = !isTold || (saga.status === status && saga.waiting_for === waitingFor) ? [] : [waiting];
  await write(tx, change(turn, patch, told), engine.clock.now());
  await engine.wakeUps.wake(tx, saga.id, at);
  await engine.wakeUps.complete(tx, saga.id, turn.jobId);
}

/**
 * Runs `work` with the turn as it stands now: the saga's row locked and proven to be ours still.
 * @throws {Superseded} when another worker took the saga over; nothing is written then.
 */
export function fenced<Io, Mine extends Turn<Io>, Result>(
  engine: Engine<Io>,
  turn: Mine,
  work: (tx: Tx, turn: Mine) => Promise<Result>,
): Promise<Result> {
  return transact(engine.db, async (tx) => {
    const saga = await lockSaga(tx, turn.saga.id);
    if (saga?.epoch !== turn.saga.epoch || saga.lease_owner !== engine.workerId) throw new Superseded(turn.saga.id);
    return work(tx, { ...turn, saga, ...unwritten });
  });
}
