import type { Proof } from "#proof/matrix/prove-saga.ts";

export const tellOf = ({ saga, points, calls, singles, pairs, faults }: Proof): string =>
  `${saga}: ${points} crossings, ${calls} provider calls; ${singles} single trials, ${pairs} pairs, ${faults} faults given`;
