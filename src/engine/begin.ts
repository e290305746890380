import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { callForHelp, finish } from "./ending.ts";
import type { Engine } from "./engine.ts";
import { isPastPivot, openSteps, undoable } from "./plan.ts";
import { patched, readSteps, type SagaEvent, type SagaRow, type StepPatch, type StepRow } from "./store.ts";
import { type Begun, change, changeStep, isCancelled, release, rowOf, type Turn, write } from "./turn.ts";
import { giveBack, stepOf, unknownStep } from "./unknown-step.ts";

/** How long a step may take, waits and retries included, unless it says so itself. Milliseconds. */
const defaultPatience = 30 * 60_000;

/**
 * Begins the saga's next step, or the next undo, in the transaction that made it the next.
 * @returns undefined when nothing can be begun: the saga is given back, has ended, or needs a human
 */
export async function begin<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>): Promise<Begun<Io> | undefined> {
  const unknown = unknownStep(turn);
  if (unknown) return giveBack(engine, tx, turn, unknown);
  if ((turn.patch.direction ?? turn.saga.direction) === "back") return beginUndo(engine, tx, turn);
  if (isCancelled(turn)) return beginUndo(engine, tx, await turnBack(tx, turn, cancellation(turn.saga)));
  return beginStep(engine, tx, turn);
}

export const cancellation = (saga: SagaRow) => ({ code: "cancelled", message: saga.cancel_reason ?? "Cancelled" });

/** From here on the saga undoes what it did, from the current step back to the first. */
export async function turnBack<Io>(
  tx: Tx,
  turn: Turn<Io>,
  error: { code: string; message: string; step?: string },
): Promise<Turn<Io>> {
  const event: SagaEvent = { type: "saga", data: { status: "compensating", error } };
  const patch = { direction: "back", status: "compensating", error: JSON.stringify(error) } as const;
  return change(await reread(tx, turn), { ...patch, waiting_for: null, watching: null }, [event]);
}

/** The turn with its steps read again: what one said that it was about to do was committed while it ran. */
export async function reread<Io>(tx: Tx, turn: Turn<Io>): Promise<Turn<Io>> {
  const rows = await readSteps(tx, turn.saga.id);
  return { ...turn, steps: rows.map((row) => patched(row, turn.stepPatches.get(row.position) ?? {})) };
}

async function beginStep<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>): Promise<Begun<Io>> {
  const position = turn.patch.position ?? turn.saga.position;
  const before = rowOf(turn, position);
  const step = stepOf(turn, before);
  const now = engine.clock.now();
  const resumes = before.status === "waiting" && before.error === null;
  const isUntiring = isPastPivot({ ...turn.saga, position });
  const patience = isUntiring ? engine.patienceMs : (step.budget?.(engine.world(turn.saga)).ms ?? defaultPatience);
  const begun = changeStep(turn, before, {
    status: "running",
    attempts: resumes ? before.attempts : before.attempts + 1,
    // What is set stays, with the time of an absence that may have been given back to it meanwhile.
    ...(before.started_at === null && { started_at: now }),
    ...(before.deadline_at === null && { deadline_at: after(now, patience) }),
    retry_at: null,
    waiting_for: null,
  });
  const told = change(begun, { waiting_for: null, watching: null, known_by: null });
  return { ...told, saga: await write(tx, told, now), step, row: rowOf(told, position) };
}

async function beginUndo<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>): Promise<Begun<Io> | undefined> {
  const now = engine.clock.now();
  const open = openSteps(turn.saga.position, turn.steps);
  // The last undo and the end are one: whoever sees that all is undone may start anew.
  if (open.length === 0) return finish(engine, tx, turn, "rolled_back");
  const [next] = undoable(open, now);
  if (!next) return pause(engine, tx, turn, open);
  const step = stepOf(turn, next);
  // One that a dead worker left has no time to go on at: this is another attempt.
  const resumes = next.status === "compensating" && next.undo_error === null && next.retry_at !== null;
  const fresh: StepPatch = { undo_error: null, waiting_for: null };
  const patch: StepPatch = {
    status: "compensating",
    undo_attempts: resumes ? next.undo_attempts : next.undo_attempts + 1,
    ...(next.undo_started_at === null && { undo_started_at: now }),
    ...(next.undo_deadline_at === null && { undo_deadline_at: after(now, engine.patienceMs) }),
    retry_at: null,
    watching: null,
    ...(!resumes && fresh),
  };
  const begun = change(changeStep(turn, next, patch, next.status !== "compensating"), { known_by: null });
  return { ...begun, saga: await write(tx, begun, now), step, row: rowOf(begun, next.position) };
}

/** Nothing can be undone now: the saga waits for the next try, or needs a human. */
async function pause<Io>(engine: Engine<Io>, tx: Tx, turn: Turn<Io>, open: readonly StepRow[]): Promise<undefined> {
  const waiting = open.filter((row) => row.status === "compensating" && row.retry_at);
  const [soonest] = waiting.toSorted((a, b) => Number(a.retry_at) - Number(b.retry_at));
  if (soonest?.retry_at) {
    const watching = waiting.find((row) => row.watching)?.watching ?? null;
    return release(engine, tx, turn, soonest.retry_at, soonest.waiting_for, watching);
  }
  const failed = open.find((row) => row.status === "compensation_failed");
  const error = failed?.undo_error as { code: string; message: string; step: string } | undefined;
  if (!error) throw new Error(`Saga ${turn.saga.id} has steps to undo, and none that can be`);
  return callForHelp(engine, tx, turn, error);
}
