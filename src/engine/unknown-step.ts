import { after } from "#clock.ts";
import { changeStep, type ClaimedSaga, isGoingBack, release } from "./claimed-saga.ts";
import { callForHelp } from "./finish.ts";
import { openSteps } from "./plan.ts";
import type { StepRow } from "./rows.ts";

/** How soon a worker of another release may take a saga that this one has given back. Milliseconds. */
const giveBackMs = 5000;

/**
 * How long a saga is given back before a human is called. While a release is rolled out, workers of both run beside each
 * other: that takes minutes, and one that takes longer than this has stopped. Milliseconds.
 */
export const unknownPatienceMs = 10 * 60_000;

/**
 * The name of a step that the saga has come to and this release does not know. Of those that it has left behind, what
 * they wrote belongs to what the next one reads.
 */
export function unknownStep<Io>(claimed: ClaimedSaga<Io>): string | undefined {
  const { definition, saga, patch, steps } = claimed;
  const position = patch.position ?? saga.position;
  const back = isGoingBack(claimed);
  const matters = (row: StepRow): boolean => back || row.position === position || !wasDoneByHand(row);
  return openSteps(position, steps).find((row) => !definition.named(row.name) && matters(row))?.name;
}

/** An operator has said that it was done: it wrote nothing that anybody reads. */
const wasDoneByHand = ({ output, status }: StepRow): boolean => output !== null && status !== "completed";

/**
 * Gives the saga back, for a worker whose release knows the step: that time is not the step's own, which gets its
 * whole time anew. When none has come in time, a human is called, who retries or resolves it.
 */
export function giveBack<Io>(claimed: ClaimedSaga<Io>, step: string, now: Date): ClaimedSaga<Io> {
  const knownBy = claimed.saga.known_by ?? after(now, unknownPatienceMs);
  const { name } = claimed.saga;
  if (now >= knownBy)
    return callForHelp(claimed, {
      code: "unknown_step",
      message: `No worker has come that knows step ${step} of ${name}: start one of the release that began this saga`,
      step,
    });
  const given = { ...claimed, patch: { ...claimed.patch, known_by: knownBy }, remark: { unknown: step } };
  const waiting = claimed.steps
    .filter(hasDeadline)
    .reduce<ClaimedSaga<Io>>((held, row) => changeStep(held, row, timeAnew, false), given);
  return release(waiting, after(now, giveBackMs), `a worker whose release knows step ${step}`, null);
}

const hasDeadline = ({ deadline_at: deadline, undo_deadline_at: undoDeadline, status }: StepRow): boolean =>
  ["running", "waiting", "compensating"].includes(status) && (deadline ?? undoDeadline) !== null;

/** Whoever takes it up has its whole time. */
const timeAnew = { deadline_at: null, undo_deadline_at: null };
