import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { attemptOf, contextOf, ownOutput, settle, writeOutcome } from "./attempt.ts";
import { begin, reread } from "./begin.ts";
import type { Engine } from "./engine.ts";
import { backoff, type Diagnosis, extended, failureOf } from "./failure.ts";
import { Snooze, type Verdict } from "./step.ts";
import { hasStoodStill } from "./attendance.ts";
import { readStep, type StepPatch, type StepRow } from "./store.ts";
import { type Begun, changeStep, fenced, type Turn } from "./turn.ts";

type Outcome = { readonly verdict: Verdict<void> } | { readonly diagnosis: Diagnosis };

/**
 * Runs the undo that has begun and commits its outcome. Steps are undone in reverse order, from the failed one on
 * (rule 13); one that has to be tried again does not hold up those that do not depend on it.
 * @returns the turn to go on with, if any
 */
export async function backward<Io>(
  engine: Engine<Io>,
  turn: Begun<Io>,
  signal: AbortSignal,
): Promise<Begun<Io> | undefined> {
  const outcome = await attempt(engine, turn, signal);
  signal.throwIfAborted();
  return settle(engine, turn.saga.id, signal, outcome, (final) =>
    fenced(engine, turn, async (tx, held) => begin(engine, tx, await commit(engine, tx, held, final))),
  );
}

async function attempt<Io>(engine: Engine<Io>, turn: Begun<Io>, signal: AbortSignal): Promise<Outcome> {
  const { step, row } = turn;
  try {
    const reads = { ...contextOf(turn, row.position), ...ownOutput(step, row) };
    return { verdict: await step.compensate(reads, attemptOf(engine, turn, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    engine.log.warn({ err: error, saga_id: turn.saga.id, step: step.name }, "A compensation failed");
    return { diagnosis: await engine.diagnose(error, signal) };
  }
}

async function commit<Io>(engine: Engine<Io>, tx: Tx, turn: Begun<Io>, outcome: Outcome): Promise<Turn<Io>> {
  const { patch, event } = await next(engine, tx, turn, outcome);
  const held = turn.step.intends ? await reread(tx, turn) : turn;
  return changeStep(held, turn.row, patch, event);
}

interface Next {
  readonly patch: StepPatch;
  /** Whether a reader of the history should see it. */
  readonly event: boolean;
}

async function next<Io>(engine: Engine<Io>, tx: Tx, turn: Begun<Io>, outcome: Outcome): Promise<Next> {
  const { row } = turn;
  const now = engine.clock.now();
  if ("verdict" in outcome && !(outcome.verdict instanceof Snooze)) {
    await writeOutcome(outcome.verdict, tx, () => undefined);
    const done: StepPatch = {
      status: "compensated",
      undo_finished_at: now,
      undo_error: null,
      retry_at: null,
      watching: null,
    };
    return { patch: { ...done, waiting_for: null }, event: true };
  }
  const overdue = now >= (row.undo_deadline_at ?? now);
  const later = pauseAfter(outcome, row, now, engine.ids.random());
  if (overdue && later.counts && !(await hasStoodStill(tx, turn, now))) {
    const waited = { code: "undo_overdue", message: `Still waiting for ${later.waitingFor}`, step: row.name };
    const failed: StepPatch = { status: "compensation_failed", undo_error: JSON.stringify(later.error ?? waited) };
    return { patch: { ...failed, retry_at: null, watching: null, waiting_for: null }, event: true };
  }
  return {
    patch: {
      status: "compensating",
      undo_error: later.error && JSON.stringify(later.error),
      retry_at: later.until,
      waiting_for: later.waitingFor,
      watching: later.watching,
      // Meanwhile the time of an absence may have been given back to it.
      ...(later.wait && { undo_deadline_at: extended((await readStep(tx, row)).undo_deadline_at, later.wait, now) }),
    },
    event: later.error !== null || row.waiting_for !== later.waitingFor,
  };
}

/** When an undo that is not done goes on, why, and whether the time until then counts against its deadline. */
function pauseAfter(outcome: Outcome, row: StepRow, now: Date, random: number) {
  if ("verdict" in outcome) {
    const { until, waitingFor, watching } = outcome.verdict as Snooze;
    return { until, waitingFor, watching, error: null, counts: true, wait: null };
  }
  const { diagnosis } = outcome;
  if (diagnosis.kind === "wait") {
    const { until, waitingFor, watching } = diagnosis;
    return { until, waitingFor, watching: watching ?? null, error: null, counts: false, wait: diagnosis };
  }
  const error = failureOf(diagnosis, row.name);
  const until = after(now, backoff(row.undo_attempts, random));
  return {
    until,
    waitingFor: `another try to undo ${row.name}: ${error.message}`,
    watching: null,
    error,
    counts: true,
    wait: null,
  };
}
