import { random } from "../stage/random.ts";

/** What is drawn from a seed, one after the other. */
export interface Drawing {
  below(count: number): number;
  /** At least `least` of them, and less than `most`. Whole numbers. */
  between(least: number, most: number): number;
  one<T>(from: readonly [T, ...T[]]): T;
  /** @param make gives the next one; between `least` and `most` of them, both included */
  some<T>(least: number, most: number, make: (index: number) => T): T[];
}

export function drawing(seed: number): Drawing {
  const draw = random(seed);
  const below = (count: number): number => Math.floor(draw() * count);
  return {
    below,
    between: (least, most) => least + below(most - least),
    one: (from) => from[below(from.length)] ?? from[0],
    some: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, (_, index) => make(index)),
  };
}
