import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { operationScenarios } from "#proof/operation-scenarios.ts";
import { allOperations } from "#sagas/operations/all.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("every operation is proven", () => {
  const proven = new Set(Object.values(operationScenarios).map(({ saga }) => saga));
  for (const { saga } of Object.values(allOperations)) expect(proven).toContain(saga.name);
});

test.each(Object.keys(operationScenarios))(
  "%s survives all that can happen to it",
  { timeout: 2_400_000 },
  async (name) => {
    // A bake looks again and again: what strikes at one of its looks strikes at each.
    const proof = await proveSaga(ground, name, { pairs: 1, seed: 1, singles: "places", atMost: atMost.operation });
    console.log(tellOf(proof));
    expect(proof.failures).toEqual([]);
    // A step past the pivot is done twice, and its worker dies: that is all.
    expect(proof.singles).toBeGreaterThan(1);
  },
);
