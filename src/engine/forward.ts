import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { attemptOf, contextOf, settle, writeOutcome } from "./attempt.ts";
import { type Turn, fenced, release } from "./claim.ts";
import { callForHelp, finish } from "./ending.ts";
import type { Engine } from "./engine.ts";
import { backoff, CancelSeen, type Diagnosis, extended, failureOf, type StoredFailure } from "./failure.ts";
import { InTransaction, Snooze, type Verdict } from "./step.ts";
import {
  readSteps,
  type SagaEvent,
  type SagaPatch,
  type SagaRow,
  stepEvent,
  type StepPatch,
  writeSaga,
  writeStep,
} from "./store.ts";

type Outcome = { readonly verdict: Verdict<object> } | { readonly diagnosis: Diagnosis } | "cancelled";

const defaultTries = 8;
const defaultPatience = 30 * 60_000;

/** Runs the step at the saga's position once and commits its outcome. @returns the turn to go on with, if any. */
export async function forward<Io>(
  engine: Engine<Io>,
  turn: Turn<Io>,
  signal: AbortSignal,
): Promise<Turn<Io> | undefined> {
  const begun = await fenced(engine, turn, (tx, saga) => begin(engine, tx, { ...turn, saga }));
  if (begun.saga.direction === "back") return begun;
  const outcome = await attempt(engine, begun, signal);
  signal.throwIfAborted();
  return settle(engine, turn.saga.id, signal, outcome, (final) =>
    fenced(engine, begun, (tx, saga) => commit(engine, tx, { ...begun, saga }, final)),
  );
}

const isCancelled = <Io>(turn: Turn<Io>): boolean =>
  turn.saga.cancel_requested_at !== null && !turn.definition.forwardOnly;

const current = <Io>(turn: Turn<Io>) => {
  const step = turn.definition.steps[turn.saga.position];
  const row = turn.steps[turn.saga.position];
  if (!step || row?.name !== step.name)
    throw new Error(`Saga ${turn.saga.id} stands at step ${turn.saga.position}, which ${turn.saga.name} does not have`);
  return { step, row };
};

const isLast = <Io>(turn: Turn<Io>): boolean => turn.saga.position === turn.definition.steps.length - 1;

async function begin<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>): Promise<Turn<Io>> {
  if (isCancelled(turn)) return turnBack(engine, tx, turn, cancellation(turn.saga));
  const { step, row } = current(turn);
  const now = engine.clock.now();
  const resumes = row.status === "waiting" && row.error === null;
  const budget = step.budget?.(engine.world(turn.saga));
  const patience = turn.definition.forwardOnly ? engine.patienceMs : (budget?.ms ?? defaultPatience);
  const running = await writeStep(tx, row, {
    status: "running",
    attempts: resumes ? row.attempts : row.attempts + 1,
    started_at: row.started_at ?? now,
    deadline_at: row.deadline_at ?? after(now, patience),
    retry_at: null,
  });
  const events = resumes ? [] : [stepEvent(running)];
  const saga = await writeSaga(tx, turn.saga, { waiting_for: null, watching: null }, events, now);
  return { ...turn, saga, steps: turn.steps.with(saga.position, running) };
}

async function attempt<Io>(engine: Engine<Io>, turn: Turn<Io>, signal: AbortSignal): Promise<Outcome> {
  const { step, row } = current(turn);
  try {
    const io = attemptOf(engine, turn, step, row, signal);
    return { verdict: await step.execute(contextOf(turn, turn.saga.position), io) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CancelSeen) return "cancelled";
    engine.log.warn({ err: error, saga_id: turn.saga.id, step: step.name }, "A step failed");
    return { diagnosis: await engine.diagnose(error, signal) };
  }
}

async function commit<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>, outcome: Outcome): Promise<Turn<Io> | undefined> {
  const cancelled = outcome === "cancelled" || isCancelled(turn);
  if (outcome !== "cancelled" && "verdict" in outcome) {
    const { verdict } = outcome;
    if (verdict instanceof Snooze) {
      if (cancelled) return turnBack(engine, tx, turn, cancellation(turn.saga));
      return wait(engine, tx, turn, verdict, null);
    }
    // What a step did is kept, also when the saga turns back now: its undo then knows what it looks for. Only what
    // the last one writes would be the end that the cancel came before.
    const wouldEnd = verdict instanceof InTransaction && isLast(turn);
    if (!(cancelled && wouldEnd)) return complete(engine, tx, turn, verdict, cancelled);
  }
  if (cancelled) return turnBack(engine, tx, turn, cancellation(turn.saga));
  return fail(engine, tx, turn, (outcome as { diagnosis: Diagnosis }).diagnosis);
}

async function complete<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  verdict: object,
  cancelled: boolean,
): Promise<Turn<Io> | undefined> {
  const { step, row } = current(turn);
  const now = engine.clock.now();
  const output = await writeOutcome(verdict, tx, (it) => step.writes.parse(it));
  const done = await writeStep(tx, row, {
    ...settled,
    status: "completed",
    output: JSON.stringify(output),
    finished_at: now,
  });
  const saga = await writeSaga(tx, turn.saga, {}, [stepEvent(done)], now);
  const completed = { ...turn, saga, steps: turn.steps.with(saga.position, done) };
  if (cancelled) return turnBack(engine, tx, completed, cancellation(saga));
  if (isLast(turn)) {
    await finish(engine, tx, completed, "completed");
    return undefined;
  }
  return { ...completed, saga: await writeSaga(tx, saga, { position: saga.position + 1 }, [], now) };
}

async function fail<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  diagnosis: Diagnosis,
): Promise<Turn<Io> | undefined> {
  const { step, row } = current(turn);
  const now = engine.clock.now();
  if (diagnosis.kind === "wait") {
    const verdict = new Snooze(diagnosis.until, diagnosis.waitingFor, diagnosis.watching ?? null);
    return putOff(engine, tx, turn, verdict, null, extended(row.deadline_at, diagnosis, now));
  }
  const error = failureOf(diagnosis, step.name);
  const budget = step.budget?.(engine.world(turn.saga));
  const retryAt = after(now, backoff(row.attempts, engine.ids.random()));
  const tries = turn.definition.forwardOnly ? Infinity : (budget?.tries ?? defaultTries);
  const patient = turn.definition.forwardOnly || diagnosis.kind === "retry";
  if (patient && row.attempts < tries && retryAt < (row.deadline_at ?? now))
    return wait(engine, tx, turn, new Snooze(retryAt, `another try of ${step.name}: ${error.message}`, null), error);

  return giveUp(engine, tx, turn, error);
}

/** Nothing of a wait is left on a step that has ended. */
const settled: StepPatch = { error: null, retry_at: null, watching: null, waiting_for: null };

/** A wait that the step's time has no room for any more is a failure: nothing waits for ever. */
async function wait<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  until: Snooze,
  error: StoredFailure | null,
): Promise<Turn<Io> | undefined> {
  const { row } = current(turn);
  if (engine.clock.now() < (row.deadline_at ?? until.until)) return putOff(engine, tx, turn, until, error);
  return giveUp(engine, tx, turn, {
    code: "overdue",
    message: `Still waiting for ${until.waitingFor}`,
    step: row.name,
  });
}

/** The step has failed for good: the saga turns back, or, where it cannot, calls for help. */
async function giveUp<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  error: StoredFailure,
): Promise<Turn<Io> | undefined> {
  const failed = await writeStep(tx, current(turn).row, {
    ...settled,
    status: "failed",
    error: JSON.stringify(error),
    finished_at: engine.clock.now(),
  });
  const stopped = { ...turn, steps: turn.steps.with(turn.saga.position, failed) };
  if (!turn.definition.forwardOnly) return turnBack(engine, tx, stopped, error, [stepEvent(failed)]);
  await callForHelp(engine, tx, stopped, error, [stepEvent(failed)]);
  return undefined;
}

async function putOff<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  until: Snooze,
  error: StoredFailure | null,
  deadline?: Date | null,
): Promise<undefined> {
  const { row } = current(turn);
  const waiting = await writeStep(tx, row, {
    ...(deadline && { deadline_at: deadline }),
    status: "waiting",
    error: error && JSON.stringify(error),
    retry_at: until.until,
    waiting_for: until.waitingFor,
    watching: until.watching,
  });
  const news = error || row.waiting_for !== until.waitingFor ? [stepEvent(waiting)] : [];
  await release(engine, tx, turn, until.until, until.waitingFor, until.watching, news);
  return undefined;
}

const cancellation = (saga: SagaRow) => ({ code: "cancelled", message: saga.cancel_reason ?? "Cancelled" });

/** From here on the saga undoes what it did, from the current step back to the first. */
async function turnBack<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  error: { code: string; message: string; step?: string },
  events: readonly SagaEvent[] = [],
): Promise<Turn<Io>> {
  const patch: SagaPatch = {
    direction: "back",
    status: "compensating",
    error: JSON.stringify(error),
    waiting_for: null,
    watching: null,
  };
  const turned = { type: "saga" as const, data: { status: "compensating", error } };
  const saga = await writeSaga(tx, turn.saga, patch, [...events, turned], engine.clock.now());
  return { ...turn, saga, steps: await readSteps(tx, saga.id) };
}
