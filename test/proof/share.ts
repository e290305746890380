/**
 * What each part of the proofs may take in `npm test`, in minutes on two cores of which it has one. Single disturbances
 * are complete whatever they take, those of a kind at each place; what else there is, and histories, are drawn for as long
 * as the share lasts.
 */
export const minutes = {
  provision_deployment: 5,
  /** Each of the others. */
  scenario: 2,
  /** Each thing that is done to a kind: made, removed, changed in one way. */
  verb: 0.1,
  histories: 3,
} as const;

/** @returns whether there is time left of a share that begins now */
export function share(part: keyof typeof minutes): () => boolean {
  const end = performance.now() + minutes[part] * 60_000;
  return () => performance.now() < end;
}
