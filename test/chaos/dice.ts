import { seededBytes } from "#simulator/chance.ts";

/** Chance from a seed: what is done is repeatable, when it hits is not. */
export interface Dice {
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function dice(seed: number): Dice {
  const bytes = seededBytes(seed);
  const below = (limit: number) => Math.floor((bytes(6).readUIntBE(0, 6) / 2 ** 48) * limit);
  return {
    below,
    chance: (share) => below(1000) < share * 1000,
    pick: (from) => from[below(from.length)] ?? from[0],
  };
}
