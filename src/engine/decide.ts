import { after } from "#clock.ts";
import { wellFormed } from "#well-formed.ts";
import { backoff, type Diagnosis, failureOf, type StoredFailure } from "./failure.ts";
import { InTransaction, NoWayBack, Snooze } from "./step.ts";
import type { StepRow } from "./rows.ts";

/** What a run of a step, or of its undo, came to. */
export type Outcome = { readonly verdict: unknown } | { readonly diagnosis: Diagnosis } | "cancelled";

/** Where the step stands that has run: with what it came to, all that decides what becomes of it. */
export interface Standing {
  readonly row: StepRow;
  /** Whether its undo has run. */
  readonly back: boolean;
  /** Whether the saga ends when it is done. */
  readonly isLast: boolean;
  /** Whether somebody has asked for the saga's end, and it can be ended. */
  readonly isCancelled: boolean;
  /** Whether the saga goes forward only from here on. */
  readonly isPastPivot: boolean;
  /** How often it may be tried, where it can be given up. */
  readonly tries: number;
  readonly now: Date;
  /** In [0, 1): spreads those who try again. */
  readonly random: number;
}

/** When a step that is not done goes on, and what it waits for. */
export interface Pause {
  readonly until: Date;
  readonly waitingFor: string;
  readonly watching: string | null;
  /** What the try failed with that it waits after. */
  readonly error: StoredFailure | null;
  /** Of a wait that is no failure of the step's own, and counts against no deadline. */
  readonly standsStill: (Diagnosis & { readonly kind: "wait" }) | null;
}

/** What becomes of a step. */
export type Decision =
  /** Its output is kept; the saga goes on from it, or turns back all the same. */
  | { readonly kind: "done"; readonly thenTurnsBack: boolean }
  | { readonly kind: "wait"; readonly pause: Pause }
  /** Given up for good, unless time stood still since it was begun: then it waits. */
  | { readonly kind: "failed"; readonly error: StoredFailure; readonly otherwise: Pause }
  /** Nothing of it is kept, and the saga turns back. */
  | { readonly kind: "turn back" }
  /** There is nothing to go back to: what was undone is done again, and the saga goes on. */
  | { readonly kind: "turn forward"; readonly why: string };

/** Decides what becomes of a step, or of an undo, by what it came to: an undo is a step walked the other way. */
export function decide(outcome: Outcome, standing: Standing): Decision {
  const { row, back, isPastPivot, now } = standing;
  const isCancelled = !back && (outcome === "cancelled" || standing.isCancelled);
  if (outcome === "cancelled") return { kind: "turn back" };
  if ("verdict" in outcome && outcome.verdict instanceof NoWayBack)
    return { kind: "turn forward", why: wellFormed(outcome.verdict.why) };
  if ("verdict" in outcome && !(outcome.verdict instanceof Snooze)) {
    // What a step did is kept, also when the saga turns back now: its undo then knows what it looks for. Only what
    // the last one writes would be the end that the cancel came before.
    const wouldEnd = outcome.verdict instanceof InTransaction && standing.isLast;
    return isCancelled && wouldEnd ? { kind: "turn back" } : { kind: "done", thenTurnsBack: isCancelled };
  }
  if (isCancelled) return { kind: "turn back" };
  const pause = pauseOf(outcome, standing);
  if (pause.standsStill) return { kind: "wait", pause };
  const isUntiring = back || isPastPivot;
  const isTriedAgain =
    pause.error === null || isUntiring || (isWorthAnotherTry(outcome) && row.attempts < standing.tries);
  const deadline = (back ? row.undo_deadline_at : row.deadline_at) ?? now;
  // A step is not put off to when its time is over; an undo, which nothing comes after, is tried once more then.
  const hasTime = (pause.error === null || back ? now : pause.until) < deadline;
  if (isTriedAgain && hasTime) return { kind: "wait", pause };
  return { kind: "failed", error: pause.error ?? overdue(standing, pause), otherwise: pause };
}

const isWorthAnotherTry = (outcome: Outcome): boolean =>
  outcome !== "cancelled" && "diagnosis" in outcome && outcome.diagnosis.kind === "retry";

/** A wait that there is no time for any more is a failure: nothing waits for ever. */
const overdue = ({ back, row }: Standing, { waitingFor }: Pause): StoredFailure => ({
  code: back ? "undo_overdue" : "overdue",
  message: `Still waiting for ${waitingFor}`,
  step: row.name,
});

function pauseOf(outcome: Exclude<Outcome, "cancelled">, { row, back, now, random }: Standing): Pause {
  if ("verdict" in outcome) {
    const { until, waitingFor, watching, endsForSure } = outcome.verdict as Snooze;
    const standsStill = endsForSure ? ({ kind: "wait", until, waitingFor } as const) : null;
    return { until, waitingFor: wellFormed(waitingFor), watching, error: null, standsStill };
  }
  const { diagnosis } = outcome;
  if (diagnosis.kind === "wait") {
    const { until, waitingFor, watching = null } = diagnosis;
    return { until, waitingFor: wellFormed(waitingFor), watching, error: null, standsStill: diagnosis };
  }
  const error = failureOf(diagnosis, row.name);
  return {
    until: after(now, backoff(back ? row.undo_attempts : row.attempts, random)),
    waitingFor: `another try ${back ? "to undo" : "of"} ${row.name}: ${error.message}`,
    watching: null,
    error,
    standsStill: null,
  };
}
