import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { attemptOf, contextOf, settle, writeOutcome } from "./attempt.ts";
import { begin, cancellation, turnBack } from "./begin.ts";
import { callForHelp, finish } from "./ending.ts";
import type { Engine } from "./engine.ts";
import { backoff, CancelSeen, type Diagnosis, extended, failureOf, type StoredFailure } from "./failure.ts";
import { InTransaction, Snooze, type Verdict } from "./step.ts";
import { hasStoodStill } from "./attendance.ts";
import { readStep, type StepPatch } from "./store.ts";
import { type Begun, change, changeStep, fenced, isCancelled, release, type Turn } from "./turn.ts";

type Outcome = { readonly verdict: Verdict<object> } | { readonly diagnosis: Diagnosis } | "cancelled";

const defaultTries = 8;

/** Runs the step that has begun and commits its outcome. @returns the turn to go on with, if any. */
export async function forward<Io>(
  engine: Engine<Io>,
  turn: Begun<Io>,
  signal: AbortSignal,
): Promise<Begun<Io> | undefined> {
  const outcome = await attempt(engine, turn, signal);
  signal.throwIfAborted();
  return settle(engine, turn.saga.id, signal, outcome, (final) =>
    fenced(engine, turn, async (tx, held) => {
      const next = await commit(engine, tx, held, final);
      return next && begin(engine, tx, next);
    }),
  );
}

const isLast = <Io>({ saga, definition }: Turn<Io>): boolean => saga.position === definition.steps.length - 1;

async function attempt<Io>(engine: Engine<Io>, turn: Begun<Io>, signal: AbortSignal): Promise<Outcome> {
  const { step, row } = turn;
  try {
    const io = attemptOf(engine, turn, signal);
    return { verdict: await step.execute(contextOf(turn, row.position), io) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CancelSeen) return "cancelled";
    engine.log.warn({ err: error, saga_id: turn.saga.id, step: step.name }, "A step failed");
    return { diagnosis: await engine.diagnose(error, signal) };
  }
}

async function commit<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  outcome: Outcome,
): Promise<Turn<Io> | undefined> {
  const cancelled = outcome === "cancelled" || isCancelled(turn);
  if (outcome !== "cancelled" && "verdict" in outcome) {
    const { verdict } = outcome;
    if (verdict instanceof Snooze) {
      if (cancelled) return turnBack(tx, turn, cancellation(turn.saga));
      return wait(engine, tx, turn, verdict);
    }
    // What a step did is kept, also when the saga turns back now: its undo then knows what it looks for. Only what
    // the last one writes would be the end that the cancel came before.
    const wouldEnd = verdict instanceof InTransaction && isLast(turn);
    if (!(cancelled && wouldEnd)) return complete(engine, tx, turn, verdict, cancelled);
  }
  if (cancelled) return turnBack(tx, turn, cancellation(turn.saga));
  return fail(engine, tx, turn, (outcome as { diagnosis: Diagnosis }).diagnosis);
}

async function complete<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  verdict: object,
  cancelled: boolean,
): Promise<Turn<Io> | undefined> {
  const output = await writeOutcome(verdict, tx, (it) => turn.step.writes.parse(it));
  const completed = changeStep(turn, turn.row, {
    ...settled,
    status: "completed",
    output: JSON.stringify(output),
    finished_at: engine.clock.now(),
  });
  if (cancelled) return turnBack(tx, completed, cancellation(turn.saga));
  if (isLast(turn)) return finish(engine, tx, completed, "completed");
  return change(completed, { position: turn.saga.position + 1 });
}

async function fail<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  diagnosis: Diagnosis,
): Promise<Turn<Io> | undefined> {
  const { step, row } = turn;
  const now = engine.clock.now();
  if (diagnosis.kind === "wait") {
    const verdict = new Snooze(diagnosis.until, diagnosis.waitingFor, diagnosis.watching ?? null);
    // Meanwhile the time of an absence may have been given back to it.
    const { deadline_at: deadline } = await readStep(tx, row);
    return putOff(engine, tx, turn, verdict, null, extended(deadline, diagnosis, now));
  }
  const error = failureOf(diagnosis, step.name);
  const budget = step.budget?.(engine.world(turn.saga));
  const retryAt = after(now, backoff(row.attempts, engine.ids.random()));
  const again = new Snooze(retryAt, `another try of ${step.name}: ${error.message}`, null);
  const tries = turn.definition.forwardOnly ? Infinity : (budget?.tries ?? defaultTries);
  const patient = turn.definition.forwardOnly || diagnosis.kind === "retry";
  const hasTime = patient && row.attempts < tries && retryAt < (row.deadline_at ?? now);
  if (hasTime || (await hasStoodStill(tx, turn, now))) return putOff(engine, tx, turn, again, error);
  return giveUp(engine, tx, turn, error);
}

/** Nothing of a wait is left on a step that has ended. */
const settled: StepPatch = { error: null, retry_at: null, watching: null, waiting_for: null };

/** A wait that the step's time has no room for any more is a failure: nothing waits for ever. */
async function wait<Io>(engine: Engine<Io>, tx: Tx, turn: Begun<Io>, until: Snooze): Promise<Turn<Io> | undefined> {
  const { row } = turn;
  const now = engine.clock.now();
  if (now < (row.deadline_at ?? until.until) || (await hasStoodStill(tx, turn, now)))
    return putOff(engine, tx, turn, until, null);
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
  turn: Begun<Io>,
  error: StoredFailure,
): Promise<Turn<Io> | undefined> {
  const stopped = changeStep(turn, turn.row, {
    ...settled,
    status: "failed",
    error: JSON.stringify(error),
    finished_at: engine.clock.now(),
  });
  if (turn.definition.forwardOnly) return callForHelp(engine, tx, stopped, error);
  return turnBack(tx, stopped, error);
}

async function putOff<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  until: Snooze,
  error: StoredFailure | null,
  deadline?: Date | null,
): Promise<undefined> {
  const waiting = changeStep(turn, turn.row, {
    ...(deadline && { deadline_at: deadline }),
    status: "waiting",
    error: error && JSON.stringify(error),
    retry_at: until.until,
    waiting_for: until.waitingFor,
    watching: until.watching,
  });
  return release(engine, tx, waiting, until.until, until.waitingFor, until.watching);
}
