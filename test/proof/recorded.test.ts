import { readdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { allScenarios } from "#proof/scenario-of.ts";
import { drawnTrials } from "./drawn-trials.ts";
import { testGround } from "./ground.ts";
import { fileOf, ofHistories, record, recordedOf, textOf } from "./recorded.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const isWritten = process.env.ARCADIA_WRITE_PROOF === "1";

test.each(Object.keys(allScenarios))("%s does what test/proof/recorded/ says, to the byte", async (name) => {
  const found = new Map<string, readonly string[]>();
  const wrong: string[] = [];
  // Which they are takes several runs to find out: that is done when they are recorded.
  const trials = isWritten ? await drawnTrials(ground, name, 0) : (await recordedOf(name)).keys();
  for (const trial of trials) {
    const { broken, lines } = await record(ground, name, trial);
    found.set(trial, lines);
    wrong.push(...broken.map((what) => `${trial}: ${what}`));
  }
  expect(wrong).toEqual([]);
  if (isWritten) await writeFile(fileOf(name), textOf(found));
  else expect(textOf(found)).toBe(textOf(await recordedOf(name)));
});

test("what test/proof/recorded/ tells of is there", async () => {
  const files = await readdir(new URL("recorded/", import.meta.url));
  const expected = [...Object.keys(allScenarios), ofHistories].map((name) => fileOf(name).pathname.split("/").at(-1));
  expect(new Set(files)).toEqual(new Set(expected));
});
