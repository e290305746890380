import { after } from "#clock.ts";
import {
  asError,
  beginFirst,
  change,
  changeStep,
  type ClaimedSaga,
  isCancelled,
  isGoingBack,
  release,
  rowOf,
  stepOf,
} from "./claimed-saga.ts";
import type { Engine } from "./engine.ts";
import { callForHelp, finish } from "./finish.ts";
import { isPastPivot, openSteps, undoable } from "./plan.ts";
import type { SagaEvent, SagaRow, StepPatch, StepRow } from "./rows.ts";
import { giveBack, unknownStep } from "./unknown-step.ts";

/** How long a step may take, waits and retries included, unless it says so itself. Milliseconds. */
const defaultPatience = 30 * 60_000;

/** What decides about the next step beside the saga itself. */
export type Surroundings<Io> = Pick<Engine<Io>, "context" | "patienceMs">;

/**
 * The saga with its next step, or its next undo, begun: it begins in what makes it the next. Where nothing can be begun
 * it is given back, has ended, or needs a human.
 */
export function beginNext<Io>(around: Surroundings<Io>, claimed: ClaimedSaga<Io>, now: Date): ClaimedSaga<Io> {
  const unknown = unknownStep(claimed);
  if (unknown) return giveBack(claimed, unknown, now);
  if (isGoingBack(claimed)) return beginUndo(around, claimed, now);
  if (isCancelled(claimed)) return beginUndo(around, turnBack(claimed, cancellation(claimed.saga)), now);
  return beginStep(around, claimed, now);
}

export const cancellation = (saga: SagaRow) => ({ code: "cancelled", message: saga.cancel_reason ?? "Cancelled" });

/** From here on the saga undoes what it did, from the current step back to the first. */
export function turnBack<Io>(
  claimed: ClaimedSaga<Io>,
  error: { code: string; message: string; step?: string },
): ClaimedSaga<Io> {
  const event: SagaEvent = { type: "saga", data: { status: "compensating", error } };
  const patch = { direction: "back", status: "compensating", error: asError(error) } as const;
  return change(claimed, { ...patch, waiting_for: null, watching: null }, [event]);
}

const doneAnew: StepPatch = {
  status: "pending",
  attempts: 0,
  undo_attempts: 0,
  error: null,
  undo_error: null,
  started_at: null,
  finished_at: null,
  deadline_at: null,
  undo_started_at: null,
  undo_finished_at: null,
  undo_deadline_at: null,
  retry_at: null,
  watching: null,
  waiting_for: null,
};

/**
 * From here on the saga goes forward after all, and forward only: from the first step on whose undo has begun. What is done
 * still is found done; nobody can cancel it any more, and no failure turns it back again.
 */
export function turnForward<Io>(claimed: ClaimedSaga<Io>, why: string): ClaimedSaga<Io> {
  const { position: reached } = claimed.saga;
  const first = claimed.steps.findIndex((row) => row.undo_started_at !== null);
  const position = first === -1 ? reached : first;
  const event: SagaEvent = { type: "saga", data: { status: "running", note: why } };
  const patch = { direction: "forward", status: "running", error: null, position, pivot: position } as const;
  const turned = change(claimed, { ...patch, waiting_for: null, watching: null }, [event]);
  return claimed.steps.slice(position, reached + 1).reduce((saga, row) => changeStep(saga, row, doneAnew), turned);
}

function beginStep<Io>(around: Surroundings<Io>, claimed: ClaimedSaga<Io>, now: Date): ClaimedSaga<Io> {
  const position = claimed.patch.position ?? claimed.saga.position;
  const before = rowOf(claimed, position);
  const step = stepOf(claimed, before);
  const resumes = before.status === "waiting" && before.error === null;
  const isUntiring = isPastPivot({ ...claimed.saga, ...claimed.patch, position });
  const budget = step.budget?.(around.context(claimed.saga)).ms;
  // What nothing comes after but a human has as much time as it would have otherwise, or more.
  const patience = isUntiring ? Math.max(around.patienceMs, budget ?? 0) : (budget ?? defaultPatience);
  const begun =
    before.status === "pending"
      ? beginFirst(claimed, position, now, after(now, patience))
      : changeStep(claimed, before, {
          status: "running",
          attempts: resumes ? before.attempts : before.attempts + 1,
          // What is set stays, with the time of an absence that may have been given back to it meanwhile.
          ...(before.started_at === null && { started_at: now }),
          ...(before.deadline_at === null && { deadline_at: after(now, patience) }),
          retry_at: null,
          waiting_for: null,
        });
  return { ...change(begun, { waiting_for: null, watching: null, known_by: null }), next: position };
}

function beginUndo<Io>(around: Surroundings<Io>, claimed: ClaimedSaga<Io>, now: Date): ClaimedSaga<Io> {
  const open = openSteps(claimed.saga.position, claimed.steps);
  // The last undo and the end are one: whoever sees that all is undone may start anew.
  if (open.length === 0) return finish(claimed, "rolled_back", now);
  const [next] = undoable(open, now);
  if (!next) return pause(claimed, open);
  stepOf(claimed, next);
  // One that a dead worker left has no time to go on at: this is another attempt.
  const resumes = next.status === "compensating" && next.undo_error === null && next.retry_at !== null;
  const fresh: StepPatch = { undo_error: null, waiting_for: null };
  const patch: StepPatch = {
    status: "compensating",
    undo_attempts: resumes ? next.undo_attempts : next.undo_attempts + 1,
    ...(next.undo_started_at === null && { undo_started_at: now }),
    ...(next.undo_deadline_at === null && { undo_deadline_at: after(now, around.patienceMs) }),
    retry_at: null,
    watching: null,
    ...(!resumes && fresh),
  };
  const begun = changeStep(claimed, next, patch, next.status !== "compensating");
  return { ...change(begun, { known_by: null }), next: next.position };
}

/** Nothing can be undone now: the saga waits for the next try, or needs a human. */
function pause<Io>(claimed: ClaimedSaga<Io>, open: readonly StepRow[]): ClaimedSaga<Io> {
  const waiting = open.filter((row) => row.status === "compensating" && row.retry_at);
  const [soonest] = waiting.toSorted((a, b) => Number(a.retry_at) - Number(b.retry_at));
  if (soonest?.retry_at) {
    const watching = waiting.find((row) => row.watching)?.watching ?? null;
    return release(claimed, soonest.retry_at, soonest.waiting_for, watching);
  }
  const failed = open.find((row) => row.status === "compensation_failed");
  const error = failed?.undo_error as { code: string; message: string; step: string } | undefined;
  if (!error) throw new Error(`Saga ${claimed.saga.id} has steps to undo, and none that can be`);
  return callForHelp(claimed, error);
}
