import type { Timing } from "#config.ts";
import type { Lie } from "./trial.ts";

// How long things last in trials, in virtual milliseconds.

/** Longer than a lease and a heartbeat: somebody else has taken over. */
export const napMs = 14_000;
/** Longer than any step may take that can be undone. */
export const outageMs = 24 * 60_000;
/** Of a lie: longer than the settle window and the looks after it, so that nothing that is seen then is true; or most of it. */
export const lieMs = ({ kind }: Lie, { settle }: Pick<Timing, "settle">): number =>
  kind === "hides" ? 6 * 60_000 : 0.7 * settle;
/** How long an undo, or a step that must succeed, may take while the provider is away; and an outage that is longer. */
export const patientMs = { least: 8 * 60_000, outage: 9 * 60_000 };
/** How long a worker that does not know a step is there alone. */
export const rollingMs = 20_000;
/** How long those who come after a dead worker have another account's token. */
export const mistakenMs = 60_000;
/** Longer than any step or undo may take, all of a saga's together. */
export const absenceMs = 2 * 3_600_000;
/** How often somebody who has made a record of ours anew looks whether that is in the way. */
export const askedMs = 5 * 60_000;
/** What is looked at again by then has been: 15 minutes after its end. */
export const afterMs = 20 * 60_000;
/** What was given up on and came an hour late has been found by then. */
export const longAfterMs = 3 * 3_600_000;
