/**
 * Of how many trials with single disturbances `npm test` runs one, always the same, so that what passes on one machine
 * passes on another; `arcadia prove --full` runs all of them. Measured on two cores, with the suite around it.
 */
export const everyNth = {
  provision_deployment: 20,
  /** Each of the others. */
  scenario: 16,
  parking: 12,
  /** Of the places, at which all that repeats within a step is one. */
  operation: 12,
  /** Of the operation with the most of them. */
  longest: 48,
  /** Each thing that is done to a kind: made, removed, changed in one way. */
  verb: 6,
} as const;

export const shard = (part: keyof typeof everyNth) => ({ index: 0, count: everyNth[part] });

/** So many histories. */
export const histories = 20;
