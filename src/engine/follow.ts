import { asError, type BegunSaga, change, changeStep, type ClaimedSaga, isGoingBack, release } from "./claimed-saga.ts";
import type { Decision, Pause } from "./decide.ts";
import { extended } from "./failure.ts";
import { callForHelp, finish } from "./finish.ts";
import { beginNext, cancellation, type Surroundings, turnBack, turnForward } from "./next-step.ts";
import { isAtLast, isPastPivot } from "./plan.ts";
import { asStored, type StepPatch } from "./rows.ts";

/** Nothing of a wait is left on a step that has ended. */
const settled: StepPatch = { retry_at: null, watching: null, waiting_for: null };

/**
 * The saga after its step, or its undo, with what comes next begun. An undo is a step walked the other way.
 * @param output what the step has written, when it is done
 */
export function follow<Io>(
  around: Surroundings<Io>,
  begun: BegunSaga<Io>,
  decision: Decision,
  output: unknown,
  now: Date,
): ClaimedSaga<Io> {
  const saga = { ...begun, at: now };
  if (!isGoingBack(saga)) return forward(around, saga, decision, output, now);
  if (decision.kind === "turn forward") return beginNext(around, turnForward(saga, decision.why), now);
  const { patch, isTold } = undone(saga, decision, now);
  return beginNext(around, changeStep(saga, saga.row, patch, isTold), now);
}

function forward<Io>(
  around: Surroundings<Io>,
  begun: BegunSaga<Io>,
  decision: Decision,
  output: unknown,
  now: Date,
): ClaimedSaga<Io> {
  const { saga, steps, row } = begun;
  switch (decision.kind) {
    case "turn forward":
      throw new Error(`Saga ${saga.id} goes forward already`);
    case "turn back":
      return beginNext(around, turnBack(begun, cancellation(saga)), now);
    case "wait":
      return waiting(begun, decision.pause, now);
    case "failed": {
      const error = asError(decision.error);
      const failed = changeStep(begun, row, { ...settled, status: "failed", error, finished_at: now });
      return isPastPivot(saga)
        ? callForHelp(failed, decision.error)
        : beginNext(around, turnBack(failed, decision.error), now);
    }
    case "done": {
      const completed = { status: "completed", error: null, output: asStored(output), finished_at: now } as const;
      const done = changeStep(begun, row, { ...settled, ...completed });
      if (decision.thenTurnsBack) return beginNext(around, turnBack(done, cancellation(saga)), now);
      if (isAtLast(saga, steps)) return finish(done, "completed", now);
      return beginNext(around, change(done, { position: saga.position + 1 }), now);
    }
  }
}

/** The saga is given back until the step goes on. */
function waiting<Io>(begun: BegunSaga<Io>, pause: Pause, now: Date): ClaimedSaga<Io> {
  const { until, waitingFor, watching, error, standsStill } = pause;
  const patch: StepPatch = {
    ...(standsStill && { deadline_at: extended(begun.row.deadline_at, standsStill, now) }),
    status: "waiting",
    error: error && asError(error),
    retry_at: until,
    waiting_for: waitingFor,
    watching,
  };
  const isTold = standsStill?.isUsual !== true;
  return release(changeStep(begun, begun.row, patch, isTold), until, waitingFor, watching, isTold);
}

interface Undone {
  readonly patch: StepPatch;
  /** Whether a reader of the history should see it. */
  readonly isTold: boolean;
}

/**
 * Steps are undone in reverse order, from the failed one on (rule 19); one that has to be tried again does not hold up
 * those that do not depend on it.
 */
function undone<Io>(
  { saga, row }: BegunSaga<Io>,
  decision: Exclude<Decision, { kind: "turn forward" }>,
  now: Date,
): Undone {
  switch (decision.kind) {
    case "turn back":
      throw new Error(`Saga ${saga.id} has turned back already`);
    case "wait": {
      const { until, waitingFor, watching, error, standsStill } = decision.pause;
      const patch: StepPatch = {
        status: "compensating",
        undo_error: error && asError(error),
        retry_at: until,
        waiting_for: waitingFor,
        watching,
        ...(standsStill && { undo_deadline_at: extended(row.undo_deadline_at, standsStill, now) }),
      };
      return { patch, isTold: error !== null || (standsStill?.isUsual !== true && row.waiting_for !== waitingFor) };
    }
    case "failed":
      return {
        patch: { ...settled, status: "compensation_failed", undo_error: asError(decision.error) },
        isTold: true,
      };
    case "done":
      return { patch: { ...settled, status: "compensated", undo_finished_at: now, undo_error: null }, isTold: true };
  }
}
