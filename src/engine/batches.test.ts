import { expect, test } from "vitest";
import { createBatches } from "./batches.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what comes while a batch is under way is the next one's, and no more are under way than may be", async () => {
  const batches: number[][] = [];
  const landings: (() => void)[] = [];
  const { add } = createBatches<number>({
    flights: 2,
    most: 3,
    fly: async (take) => {
      batches.push(take());
      await new Promise<void>((resolve) => landings.push(resolve));
    },
  });
  for (let item = 0; item < 9; item += 1) add(item);
  expect(batches).toEqual([[0], [1]]);
  landings.shift()?.();
  await turn();
  expect(batches).toEqual([[0], [1], [2, 3, 4]]);
  while (landings.length > 0) {
    landings.shift()?.();
    await turn();
  }
  expect(batches).toEqual([[0], [1], [2, 3, 4], [5, 6, 7], [8]]);
  add(9);
  expect(batches.at(-1)).toEqual([9]);
});
