import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { operationScenarios } from "#proof/operation-scenarios.ts";
import { reservedIpScenarios } from "#proof/reserved-ip-scenarios.ts";
import { scenarios } from "#proof/scenarios.ts";
import { volumeScenarios } from "#proof/volume-scenarios.ts";
import { allSagas } from "#sagas/all.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("every saga has a scenario to prove it by", () => {
  const all = { ...scenarios, ...operationScenarios, ...volumeScenarios, ...reservedIpScenarios };
  const proven = new Set(Object.values(all).map(({ saga }) => saga));
  expect([...proven].toSorted()).toEqual([...allSagas.keys()].toSorted());
});

// Those of deployments have files of their own, so that they run beside these.
const ofDroplets = Object.keys(scenarios).filter((name) => !name.includes("deployment"));

test.each(ofDroplets)("%s survives all that can happen to it", { timeout: 2_400_000 }, async (name) => {
  const proof = await proveSaga(ground, name, { pairs: 2, atMost: atMost.scenario, seed: 1 });
  console.log(tellOf(proof));
  expect(proof.failures).toEqual([]);
  // Of a scenario that strikes one step there are the fewest.
  expect(proof.singles).toBeGreaterThan(5);
});
