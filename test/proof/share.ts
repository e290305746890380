/**
 * How many trials with single disturbances `npm test` draws by its seed from all there are, for each scenario; the same on every
 * machine, so that what passes on one passes on another. `arcadia prove --full` runs all of them. A share is a number of trials and not
 * a part of them: a scenario that grows takes no more time.
 */
export const atMost = {
  provision_deployment: 100,
  /** Each of the others. */
  scenario: 24,
  parking: 12,
  /** Of the places, at which all that repeats within a step is one. */
  operation: 8,
  /** In an account in which others have things of their own: what is odd there was met before the saga, and is met without any trial. */
  crowded: 3,
  /** Of what a person does to droplets, where that has found a fault. */
  hands: 8,
  /** Each thing that is done to a kind: made, removed, changed in one way. */
  verb: 8,
  /** Of the absences of all workers, at each step of a scenario and its undo. */
  absence: 8,
} as const;

/** So many histories. */
export const histories = 18;
