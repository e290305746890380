import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { attemptOf, contextOf, ownOutput, settle, writeOutcome } from "./attempt.ts";
import { type Turn, fenced, release } from "./claim.ts";
import { callForHelp, finish } from "./ending.ts";
import type { Engine } from "./engine.ts";
import { backoff, type Diagnosis, extended, failureOf } from "./failure.ts";
import type { AnySaga, AnyStep } from "./saga.ts";
import { Snooze, type Verdict } from "./step.ts";
import {
  type SagaEvent,
  type SagaRow,
  stepEvent,
  type StepPatch,
  type StepRow,
  writeSaga,
  writeStep,
} from "./store.ts";

type Outcome = { readonly verdict: Verdict<void> } | { readonly diagnosis: Diagnosis };

/**
 * Undoes one step and commits the outcome. Steps are undone in reverse order, from the failed one on (rule 13);
 * one that has to be tried again does not hold up those that do not depend on it.
 */
export async function backward<Io>(
  engine: Engine<Io>,
  turn: Turn<Io>,
  signal: AbortSignal,
): Promise<Turn<Io> | undefined> {
  const begun = await fenced(engine, turn, (tx, saga) => begin(engine, tx, { ...turn, saga }));
  if (!begun) return undefined;
  const outcome = await attempt(engine, begun.turn, begun.step, begun.row, signal);
  signal.throwIfAborted();
  return settle(engine, turn.saga.id, signal, outcome, (final) =>
    fenced(engine, begun.turn, (tx, saga) => commit(engine, tx, { ...begun.turn, saga }, begun.row, final)),
  );
}

/** The steps that the saga has reached and not undone yet. */
const openSteps = (saga: SagaRow, rows: readonly StepRow[]): StepRow[] =>
  rows.slice(0, saga.position + 1).filter((row) => row.status !== "compensated");

/** The steps that still have to be undone and may be, last first; `due` leaves out those whose next try is later. */
export function undoable<Io>(definition: AnySaga<Io>, saga: SagaRow, rows: readonly StepRow[], now: Date): StepRow[] {
  const open = openSteps(saga, rows);
  return open
    .filter((row) => row.status !== "compensation_failed")
    .filter((row) => !row.retry_at || row.status !== "compensating" || row.retry_at <= now)
    .filter((row) => {
      const first = definition.steps[row.position]?.undoAfter ?? [];
      return !open.some((other) => other !== row && (first === "all" || first.includes(other.name)));
    })
    .toReversed();
}

interface Begun<Io> {
  readonly turn: Turn<Io>;
  readonly step: AnyStep<Io>;
  readonly row: StepRow;
}

async function begin<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>): Promise<Begun<Io> | undefined> {
  const now = engine.clock.now();
  const [open] = undoable(turn.definition, turn.saga, turn.steps, now);
  const step = open && turn.definition.steps[open.position];
  if (!step) return pause(engine, tx, turn);
  // One that a dead worker left has no time to go on at: this is another attempt.
  const resumes = open.status === "compensating" && open.error === null && open.retry_at !== null;
  const row = await writeStep(tx, open, {
    status: "compensating",
    undo_attempts: resumes ? open.undo_attempts : open.undo_attempts + 1,
    undo_started_at: open.undo_started_at ?? now,
    undo_deadline_at: open.undo_deadline_at ?? after(now, engine.patienceMs),
    retry_at: null,
    watching: null,
    ...(!resumes && { error: null, waiting_for: null }),
  });
  const saga = await writeSaga(tx, turn.saga, {}, open.status === "compensating" ? [] : [stepEvent(row)], now);
  return { turn: { ...turn, saga, steps: turn.steps.with(row.position, row) }, step, row };
}

/** Nothing can be undone now: the saga has rolled back, waits for the next try, or needs a human. */
async function pause<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>): Promise<undefined> {
  const open = openSteps(turn.saga, turn.steps);
  if (open.length === 0) {
    await finish(engine, tx, turn, "rolled_back");
    return undefined;
  }

  const waiting = open.filter((row) => row.status === "compensating" && row.retry_at);
  const [soonest] = waiting.toSorted((a, b) => Number(a.retry_at) - Number(b.retry_at));
  if (soonest?.retry_at) {
    const watching = waiting.find((row) => row.watching)?.watching ?? null;
    return release(engine, tx, turn, soonest.retry_at, soonest.waiting_for, watching).then(() => undefined);
  }
  const failed = open.find((row) => row.status === "compensation_failed");
  const error = failed?.error as { code: string; message: string; step: string } | undefined;
  if (!error) throw new Error(`Saga ${turn.saga.id} has steps to undo, and none that can be`);
  await callForHelp(engine, tx, turn, error, []);
  return undefined;
}

async function attempt<Io>(
  engine: Engine<Io>,
  turn: Turn<Io>,
  step: AnyStep<Io>,
  row: StepRow,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const reads = { ...contextOf(turn, row.position), ...ownOutput(step, row) };
    return { verdict: await step.compensate(reads, attemptOf(engine, turn, step, row, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    engine.log.warn({ err: error, saga_id: turn.saga.id, step: step.name }, "A compensation failed");
    return { diagnosis: await engine.diagnose(error, signal) };
  }
}

async function commit<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  row: StepRow,
  outcome: Outcome,
): Promise<Turn<Io> | undefined> {
  const now = engine.clock.now();
  const { patch, event } = await next(engine, tx, turn.saga, row, outcome, now);
  const written = await writeStep(tx, row, patch);
  const news: SagaEvent[] = event ? [stepEvent(written)] : [];
  const steps = turn.steps.with(row.position, written);
  // The last undo and the end are one: whoever sees the deployment cancelled may provision it again.
  if (openSteps(turn.saga, steps).length === 0)
    return finish(engine, tx, turn, "rolled_back", news).then(() => undefined);
  return { ...turn, saga: await writeSaga(tx, turn.saga, {}, news, now), steps };
}

interface Next {
  readonly patch: StepPatch;
  /** Whether a reader of the history should see it. */
  readonly event: boolean;
}

async function next<Io>(
  engine: Engine<Io>,
  tx: Tx,
  saga: SagaRow,
  row: StepRow,
  outcome: Outcome,
  now: Date,
): Promise<Next> {
  if ("verdict" in outcome && !(outcome.verdict instanceof Snooze)) {
    await writeOutcome(outcome.verdict, tx, () => undefined);
    const done: StepPatch = {
      status: "compensated",
      undo_finished_at: now,
      error: null,
      retry_at: null,
      watching: null,
    };
    return { patch: { ...done, waiting_for: null }, event: true };
  }
  const overdue = now >= (row.undo_deadline_at ?? now);
  const later = pauseAfter(outcome, row, now, engine.ids.random());
  if (overdue && later.counts) {
    const waited = { code: "undo_overdue", message: `Still waiting for ${later.waitingFor}`, step: row.name };
    const failed: StepPatch = { status: "compensation_failed", error: JSON.stringify(later.error ?? waited) };
    return { patch: { ...failed, retry_at: null, watching: null, waiting_for: null }, event: true };
  }
  return {
    patch: {
      status: "compensating",
      error: later.error && JSON.stringify(later.error),
      retry_at: later.until,
      waiting_for: later.waitingFor,
      watching: later.watching,
      undo_deadline_at: later.deadline ?? row.undo_deadline_at,
    },
    event: later.error !== null || row.waiting_for !== later.waitingFor,
  };
}

/** When an undo that is not done goes on, why, and whether the time until then counts against its deadline. */
function pauseAfter(outcome: Outcome, row: StepRow, now: Date, random: number) {
  if ("verdict" in outcome) {
    const { until, waitingFor, watching } = outcome.verdict as Snooze;
    return { until, waitingFor, watching, error: null, counts: true, deadline: null };
  }
  const { diagnosis } = outcome;
  if (diagnosis.kind === "wait") {
    const { until, waitingFor, watching } = diagnosis;
    const deadline = extended(row.undo_deadline_at, diagnosis, now);
    return { until, waitingFor, watching: watching ?? null, error: null, counts: false, deadline };
  }
  const error = failureOf(diagnosis, row.name);
  const until = after(now, backoff(row.undo_attempts, random));
  return {
    until,
    waitingFor: `another try to undo ${row.name}: ${error.message}`,
    watching: null,
    error,
    counts: true,
    deadline: null,
  };
}
