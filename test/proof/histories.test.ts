import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { historyOf } from "#proof/histories/history.ts";
import { reduceHistory } from "#proof/histories/reduce.ts";
import { runHistory } from "#proof/histories/run-history.ts";
import { forgetMark } from "./planted-steps.ts";
import { testGround } from "./ground.ts";
import { keptHistories } from "./kept-histories.ts";
import { fileOf, ofHistories, recordedOf, recordHistory, textOf } from "./recorded.ts";
import { histories } from "./share.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("in every history nothing is orphaned or made twice, and every saga ends", { timeout: 600_000 }, async () => {
  const start = performance.now();
  const failures: string[] = [];
  const found = new Map<string, readonly string[]>();
  let sagas = 0;
  let seed = 0;
  while (seed < histories) {
    seed += 1;
    const told = await recordHistory(ground, seed);
    found.set(`${seed}`, told.lines);
    sagas += told.sagas;
    if (told.broken.length > 0)
      failures.push(`seed ${seed}: ${told.broken.join("; ")} (npm run simulate-histories -- --seeds ${seed})`);
  }
  const minutes = (performance.now() - start) / 60_000;
  console.log(`${seed} histories, ${sagas} sagas, ${(seed / minutes).toFixed(0)} a minute on one core`);
  expect(failures).toEqual([]);
  expect(sagas / seed).toBeGreaterThanOrEqual(10);
  if (process.env.ARCADIA_WRITE_PROOF === "1") await writeFile(fileOf(ofHistories), textOf(found));
  else expect(textOf(found)).toBe(textOf(await recordedOf(ofHistories)));
});

test.each(Object.entries(keptHistories))("it broke once: %s", { timeout: 120_000 }, async (_, history) => {
  expect((await runHistory(ground, history)).broken).toEqual([]);
});

test("the same seed tells the same history, to the byte", { timeout: 300_000 }, async () => {
  for (const seed of [3, 14, 15, 92, 65]) {
    const first = await runHistory(ground, historyOf(seed));
    const second = await runHistory(ground, historyOf(seed));
    expect(second.log.join("\n")).toBe(first.log.join("\n"));
    expect(first.log.length).toBeGreaterThan(1000);
  }
});

test("a history that breaks is reduced to what breaks it", { timeout: 600_000 }, async () => {
  const broken = { ...ground, alter: { sagas: forgetMark } };
  for (let seed = 1; ; seed += 1) {
    const history = historyOf(seed);
    const [first] = (await runHistory(broken, history)).broken;
    if (first === undefined) continue;
    const reduced = await reduceHistory(broken, history, first.slice(0, 2));
    expect((await runHistory(broken, reduced)).broken.some((it) => it.startsWith(first.slice(0, 2)))).toBe(true);
    expect(reduced.actions.length).toBeLessThan(history.actions.length / 2);
    return;
  }
});
