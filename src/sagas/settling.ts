import { z } from "zod";
import { after } from "#clock.ts";

/**
 * A create that is not idempotent, from the intent to the knowledge of what became of it (rules 12 and 14).
 * Kept in the step's intent; times as ISO strings.
 */
export const sendingShape = z.object({
  not_after: z.iso.datetime(),
  /** `sending`: may be on its way. `refused`: a definite no. `unclear`: answered, but the effect is unknown. */
  phase: z.enum(["sending", "refused", "unclear"]),
  answered_at: z.iso.datetime().nullable(),
  /** How many complete looks that began after the settle window found nothing. */
  empty_looks: z.int(),
  last_look_at: z.iso.datetime().nullable(),
});
export type Sending = Readonly<z.output<typeof sendingShape>>;

/** How long a create may take from its intent to its answer: the client aborts it then. Milliseconds. */
export const sendWithinMs = 15_000;

export const aboutToSend = (now: Date): Sending => ({
  not_after: after(now, sendWithinMs).toISOString(),
  phase: "sending",
  answered_at: null,
  empty_looks: 0,
  last_look_at: null,
});

export const refused = (sending: Sending, at: Date): Sending => ({
  ...sending,
  phase: "refused",
  answered_at: at.toISOString(),
});

export const unclear = (sending: Sending, at: Date): Sending => ({
  ...sending,
  phase: "unclear",
  answered_at: at.toISOString(),
});

/** From when on absence can be believed: the window runs from the answer, or from the last moment of sending. */
export const settledAt = (sending: Sending, settleMs: number): Date =>
  after(new Date(sending.answered_at ?? sending.not_after), settleMs);

/** A look found nothing. */
export function foundNothing(sending: Sending, begunAt: Date, settleMs: number): Sending {
  const counts = begunAt > settledAt(sending, settleMs);
  return {
    ...sending,
    empty_looks: sending.empty_looks + (counts ? 1 : 0),
    last_look_at: begunAt.toISOString(),
  };
}

/** Two complete looks, both begun after the settle window, found nothing: it was not made. */
export const isAbsent = (sending: Sending): boolean => sending.phase === "refused" || sending.empty_looks >= 2;

/** When to look again: every poll once settled, and rarely before, for what was made shows up soon or late. */
export function nextLook(sending: Sending, now: Date, timing: { poll: number; settle: number }): Date {
  const settled = settledAt(sending, timing.settle);
  const first = sending.last_look_at === null;
  const soon = after(now, first || now >= settled ? timing.poll : 3 * timing.poll);
  return now < settled && soon > settled ? after(settled, 1) : soon;
}
