import { expect, test } from "vitest";
import { createRefresher } from "./refresher.ts";

test("a burst is one run at once and one after it", async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const ask = createRefresher(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  for (let times = 0; times < 100; times += 1) ask();
  expect(runs.length).toBe(1);
  runs[0]?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(runs.length).toBe(2);
  runs[1]?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(runs.length).toBe(2);
});

test("a run that fails does not end the next", async () => {
  let runs = 0;
  const ask = createRefresher(async () => {
    runs += 1;
    throw new Error("the server is away");
  });
  ask();
  await new Promise((resolve) => setImmediate(resolve));
  ask();
  await new Promise((resolve) => setImmediate(resolve));
  expect(runs).toBe(2);
});
