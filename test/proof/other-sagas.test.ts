import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { scenarios } from "#proof/scenarios.ts";
import { allSagas } from "#sagas/all.ts";
import { testGround } from "./ground.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("every saga has a scenario to prove it by", () => {
  expect(Object.keys(scenarios).toSorted()).toEqual([...allSagas.keys()].toSorted());
});

// The largest has a file of its own, so that it runs beside the others.
const others = [...allSagas.keys()].filter((name) => name !== "provision_deployment");

/**
 * A stranger changes the record just as it is about to be looked at: it is left to them, as rule 14 says, and the
 * invariant still expects it gone. Which of the two is wrong is not decided yet; see test/PROOF.md.
 */
const undecided = new Set(["stranger@36", "stranger@37"]);

test.each(others)("%s survives all that can happen to it", { timeout: 1_200_000 }, async (name) => {
  const proof = await proveSaga(ground, name, { pairs: 40, seed: 1 });
  console.log(tellOf(proof));
  expect(proof.failures.filter(({ trial }) => !undecided.has(trial))).toEqual([]);
  expect(proof.singles).toBeGreaterThan(200);
});
