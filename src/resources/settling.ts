import { after } from "#clock.ts";
import type { Found } from "./kind.ts";
import type { Row } from "./ledger.ts";

/** How long a change at the provider may take from its intent to its answer: the client aborts it then. Milliseconds. */
export const sendWithinMs = 15_000;

/** How many complete looks that show nothing are absence (rule 17). */
export const looksForAbsence = 2;

/** How old a shared look may be that shows whose something is: ids are given out once, so only its marks may have changed. */
export const latelyMs = 60_000;

/** What is waited for: times in milliseconds. */
export interface Windows {
  readonly poll: number;
  readonly settle: number;
  /** Whether what others believe of a thing is waited out before an address is given up. */
  readonly drain: boolean;
  /** How long a thing that we have seen may not be shown before it is believed to be gone. */
  readonly gone: number;
}

type Sent = Pick<Row, "answered_at" | "not_after" | "created_at" | "looks_without" | "last_look_at">;

/**
 * From when on absence can be believed: the window runs from the answer, or from the last moment of sending. What we have
 * not sent was there before us.
 */
export function settledAt(row: Sent, { settle }: Windows): Date {
  const sentAt = row.answered_at ?? row.not_after;
  return sentAt ? after(sentAt, settle) : row.created_at;
}

/** A look that found nothing. It counts once the window is over, which begins anew when what was under way has ended. */
export function foundNothing(row: Sent, { begunAt, underWayUntil }: Omit<Found, "ids">, windows: Windows) {
  const counts =
    begunAt > settledAt(row, windows) && !(underWayUntil && begunAt <= after(underWayUntil, windows.settle));
  return { looks_without: counts ? row.looks_without + 1 : row.looks_without, last_look_at: begunAt };
}

/** When to look again: every poll once settled, and rarely before, for what was made shows up soon or late. */
export function nextLook(row: Sent, now: Date, windows: Windows): Date {
  const settled = settledAt(row, windows);
  const soon = after(now, row.last_look_at === null || now >= settled ? windows.poll : 3 * windows.poll);
  return now < settled && soon > settled ? after(settled, 1) : soon;
}
