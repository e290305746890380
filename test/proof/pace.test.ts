import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { undisturbed } from "#proof/matrix/prove-saga.ts";
import { textOf } from "#proof/matrix/trial.ts";
import { allScenarios } from "#proof/scenario-of.ts";
import { testGround } from "./ground.ts";
import { file, paceOf, type Paces, recordedPaces } from "./pace.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const found: Paces = {};
const isWritten = process.env.ARCADIA_WRITE_PROOF === "1";

test.each(Object.keys(allScenarios))("%s takes what test/proof/pace.json says, and no more", async (name) => {
  const { clean, failsLast, back } = await undisturbed(ground, name);
  found[name] = { "": paceOf(clean), ...(back && { [textOf([failsLast])]: paceOf(back) }) };
  if (!isWritten) expect(found[name]).toEqual((await recordedPaces())[name]);
});

test("what test/proof/pace.json tells of is there", async () => {
  if (isWritten) await writeFile(file, `${JSON.stringify(found, null, 2)}\n`);
  expect(Object.keys(await recordedPaces()).toSorted()).toEqual(Object.keys(allScenarios).toSorted());
});
