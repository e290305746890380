import { drawsOf } from "./cloud/chance.ts";

/** Chance from a seed: what is done is repeatable, when it hits is not. */
export interface Dice {
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function dice(seed: number, subject: string): Dice {
  const draw = drawsOf(seed, subject);
  const below = (limit: number) => Math.floor(draw() * limit);
  return {
    below,
    chance: (share) => draw() < share,
    pick: (from) => from[below(from.length)] ?? from[0],
  };
}
