import { attemptOf, contextOf, ownOutput } from "./attempt.ts";
import { begun as nextOf, type BegunSaga, isGoingBack } from "./claimed-saga.ts";
import { commit } from "./commit.ts";
import type { Outcome } from "./decide.ts";
import type { Engine } from "./engine.ts";
import { CancelSeen } from "./failure.ts";

/**
 * Runs the step, or the undo, that has begun, and commits what it came to. @returns the saga with the next one begun, if
 * it goes on
 */
export async function runStep<Io>(
  engine: Engine<Io>,
  begun: BegunSaga<Io>,
  signal: AbortSignal,
): Promise<BegunSaga<Io> | undefined> {
  const outcome = await run(engine, begun, signal);
  signal.throwIfAborted();
  return nextOf(await commit(engine, begun, outcome, signal));
}

async function run<Io>(engine: Engine<Io>, begun: BegunSaga<Io>, signal: AbortSignal): Promise<Outcome> {
  const { step, row, saga } = begun;
  const back = isGoingBack(begun);
  try {
    const io = attemptOf(engine, begun, signal);
    const context = contextOf(begun, row.position);
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
