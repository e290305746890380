import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { runTrial } from "#proof/matrix/run-trial.ts";
import { trialFrom } from "#proof/matrix/trial.ts";
import { allScenarios } from "#proof/scenario-of.ts";
import { drawnTrials } from "./drawn-trials.ts";
import { testGround } from "./ground.ts";
import { disturbedOnes, file, paceOf, type Paces, recordedPaces } from "./pace.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const found: Paces = {};
const isWritten = process.env.ARCADIA_WRITE_PROOF === "1";

test.each(Object.keys(allScenarios))("%s takes what test/proof/pace.json says, and no more", async (name) => {
  const each: Record<string, string> = {};
  const broken: string[] = [];
  for (const trial of await drawnTrials(ground, name, disturbedOnes)) {
    const outcome = await runTrial(ground, name, trialFrom(trial));
    each[trial] = paceOf(trial, outcome);
    broken.push(...outcome.broken.map((what) => `${trial}: ${what}`));
  }
  found[name] = each;
  expect(broken).toEqual([]);
  if (!isWritten) expect(each).toEqual((await recordedPaces())[name]);
});

test("what test/proof/pace.json tells of is there", async () => {
  if (isWritten) await writeFile(file, `${JSON.stringify(found, null, 2)}\n`);
  expect(Object.keys(await recordedPaces()).toSorted()).toEqual(Object.keys(allScenarios).toSorted());
});
