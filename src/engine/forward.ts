import type { Tx } from "#db/connection.ts";
import { writeOutcome } from "./attempt.ts";
import { cancellation, turnBack } from "./begin.ts";
import type { Decision, Pause } from "./decide.ts";
import { callForHelp, finish } from "./ending.ts";
import type { Engine } from "./engine.ts";
import { extended } from "./failure.ts";
import { isAtLast, isPastPivot } from "./plan.ts";
import { readStep, type StepPatch } from "./store.ts";
import { type Begun, change, changeStep, release, type Turn } from "./turn.ts";

/** Nothing of a wait is left on a step that has ended. */
const settled: StepPatch = { error: null, retry_at: null, watching: null, waiting_for: null };

/** Writes what becomes of a step. @returns the turn to go on with, if the saga has not ended and is not given back */
export async function forward<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  decision: Decision,
  verdict: unknown,
): Promise<Turn<Io> | undefined> {
  switch (decision.kind) {
    case "turn back":
      return turnBack(tx, turn, cancellation(turn.saga));
    case "wait":
      return putOff(engine, tx, turn, decision.pause);
    case "failed": {
      const error = JSON.stringify(decision.error);
      const failed: StepPatch = { ...settled, status: "failed", error, finished_at: engine.clock.now() };
      const stopped = changeStep(turn, turn.row, failed);
      return isPastPivot(turn.saga)
        ? callForHelp(engine, tx, stopped, decision.error)
        : turnBack(tx, stopped, decision.error);
    }
    case "done": {
      const output = JSON.stringify(await writeOutcome(verdict, tx, (it) => turn.step.writes.parse(it)));
      const completed: StepPatch = { ...settled, status: "completed", output, finished_at: engine.clock.now() };
      const done = changeStep(turn, turn.row, completed);
      if (decision.thenTurnsBack) return turnBack(tx, done, cancellation(turn.saga));
      if (isAtLast(turn.saga, turn.steps)) return finish(engine, tx, done, "completed");
      return change(done, { position: turn.saga.position + 1 });
    }
  }
}

async function putOff<Io>(engine: Engine<Io>, tx: Tx, turn: Begun<Io>, pause: Pause): Promise<undefined> {
  const { until, waitingFor, watching, error, standsStill } = pause;
  const isTold = standsStill?.isUsual !== true;
  const patch: StepPatch = {
    // Meanwhile the time of an absence may have been given back to it.
    ...(standsStill && {
      deadline_at: extended((await readStep(tx, turn.row)).deadline_at, standsStill, engine.clock.now()),
    }),
    status: "waiting",
    error: error && JSON.stringify(error),
    retry_at: until,
    waiting_for: waitingFor,
    watching,
  };
  const waiting = changeStep(turn, turn.row, patch, isTold);
  return release(engine, tx, waiting, until, waitingFor, watching, isTold);
}
