import type { Tx } from "#db/connection.ts";
import { writeOutcome } from "./attempt.ts";
import { reread } from "./begin.ts";
import type { Decision, Pause } from "./decide.ts";
import type { Engine } from "./engine.ts";
import { extended } from "./failure.ts";
import { readStep, type StepPatch } from "./store.ts";
import { type Begun, changeStep, type Turn } from "./turn.ts";

/** Nothing of a wait is left on an undo that has ended. */
const settled: StepPatch = { retry_at: null, watching: null, waiting_for: null };

/**
 * Writes what becomes of an undo. Steps are undone in reverse order, from the failed one on (rule 19); one that has to be
 * tried again does not hold up those that do not depend on it. @returns the turn to go on with
 */
export async function backward<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  decision: Decision,
  verdict: unknown,
): Promise<Turn<Io>> {
  const { patch, isTold } = await patchOf(engine, tx, turn, decision, verdict);
  const held = turn.step.intends ? await reread(tx, turn) : turn;
  return changeStep(held, turn.row, patch, isTold);
}

interface Change {
  readonly patch: StepPatch;
  /** Whether a reader of the history should see it. */
  readonly isTold: boolean;
}

async function patchOf<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Begun<Io>,
  decision: Decision,
  verdict: unknown,
): Promise<Change> {
  switch (decision.kind) {
    case "turn back":
      throw new Error(`Saga ${turn.saga.id} has turned back already`);
    case "wait":
      return putOff(engine, tx, turn, decision.pause);
    case "failed":
      return {
        patch: { ...settled, status: "compensation_failed", undo_error: JSON.stringify(decision.error) },
        isTold: true,
      };
    case "done":
      await writeOutcome(verdict, tx, () => undefined);
      return {
        patch: { ...settled, status: "compensated", undo_finished_at: engine.clock.now(), undo_error: null },
        isTold: true,
      };
  }
}

async function putOff<Io>(engine: Engine<Io>, tx: Tx, { row }: Begun<Io>, pause: Pause): Promise<Change> {
  const { until, waitingFor, watching, error, standsStill } = pause;
  const patch: StepPatch = {
    status: "compensating",
    undo_error: error && JSON.stringify(error),
    retry_at: until,
    waiting_for: waitingFor,
    watching,
    // Meanwhile the time of an absence may have been given back to it.
    ...(standsStill && {
      undo_deadline_at: extended((await readStep(tx, row)).undo_deadline_at, standsStill, engine.clock.now()),
    }),
  };
  return { patch, isTold: error !== null || (standsStill?.isUsual !== true && row.waiting_for !== waitingFor) };
}
