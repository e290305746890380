import { createHash } from "node:crypto";

/** Uniform in [0, 1), the same for the same seed and subject, whatever was asked before. */
export function chanceOf(seed: number, subject: string): number {
  return createHash("sha256").update(`${seed} ${subject}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** One draw after the other, all of one subject. */
export function drawsOf(seed: number, subject: string): () => number {
  let count = 0;
  return () => chanceOf(seed, `${subject} ${count++}`);
}
