import type { Tx } from "#db/connection.ts";
import { attemptOf, contextOf, ownOutput, settle } from "./attempt.ts";
import { hasStoodStill } from "./attendance.ts";
import { backward } from "./backward.ts";
import { begin } from "./begin.ts";
import { type Decision, decide, type Outcome, type Standing } from "./decide.ts";
import type { Engine } from "./engine.ts";
import { CancelSeen } from "./failure.ts";
import { forward } from "./forward.ts";
import { isAtLast, isPastPivot } from "./plan.ts";
import { type Begun, fenced, isCancelled, type Turn } from "./turn.ts";

const defaultTries = 8;

/**
 * Runs the step, or the undo, that has begun; decides what becomes of it, commits that, and begins the next in the same
 * transaction (rule 2). @returns the turn to go on with, if any
 */
export async function runStep<Io>(
  engine: Engine<Io>,
  turn: Begun<Io>,
  signal: AbortSignal,
): Promise<Begun<Io> | undefined> {
  const outcome = await run(engine, turn, signal);
  signal.throwIfAborted();
  return settle(engine, turn.saga.id, signal, outcome, (final) =>
    fenced(engine, turn, async (tx, held) => {
      const next = await commit(engine, tx, held, final);
      return next && begin(engine, tx, next);
    }),
  );
}

async function run<Io>(engine: Engine<Io>, turn: Begun<Io>, signal: AbortSignal): Promise<Outcome> {
  const { step, row, saga } = turn;
  const back = saga.direction === "back";
  try {
    const io = attemptOf(engine, turn, signal);
    const context = contextOf(turn, row.position);
    if (!back) return { verdict: await step.execute(context, io) };
    return { verdict: await step.compensate({ ...context, ...ownOutput(step, row) }, io) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CancelSeen) return "cancelled";
    const diagnosis = await engine.diagnose(error, signal);
    const level = diagnosis.kind === "wait" && diagnosis.isUsual ? "debug" : "warn";
    engine.log[level]({ err: error, saga_id: saga.id, step: step.name }, `${back ? "An undo" : "A step"} failed`);
    return { diagnosis };
  }
}

/** @returns the turn from which the next step, or undo, is begun; undefined when the saga was given back or has ended */
async function commit<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  outcome: Outcome,
): Promise<Turn<Io> | undefined> {
  const standing = standingOf(engine, turn);
  let decision: Decision = decide(outcome, standing);
  if (decision.kind === "failed" && (await hasStoodStill(tx, turn, standing.now)))
    decision = { kind: "wait", pause: decision.otherwise };
  const verdict = outcome !== "cancelled" && "verdict" in outcome ? outcome.verdict : undefined;
  return (standing.back ? backward : forward)(engine, tx, turn, decision, verdict);
}

function standingOf<Io>(engine: Engine<Io>, turn: Begun<Io>): Standing {
  const { saga, steps, step, row } = turn;
  return {
    row,
    back: saga.direction === "back",
    isLast: isAtLast(saga, steps),
    isCancelled: isCancelled(turn),
    isPastPivot: isPastPivot(saga),
    tries: step.budget?.(engine.world(saga)).tries ?? defaultTries,
    now: engine.clock.now(),
    random: engine.ids.random(),
  };
}
