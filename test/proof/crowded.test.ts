import { afterAll, beforeAll, expect, test } from "vitest";
import { crowdedScenarios } from "#proof/crowded-scenarios.ts";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test.each(Object.keys(crowdedScenarios))(
  "%s survives all that can happen to it",
  { timeout: 1_200_000 },
  async (name) => {
    const proof = await proveSaga(ground, name, { pairs: 0, seed: 1, singles: "places", atMost: atMost.crowded });
    console.log(tellOf(proof));
    expect(proof.failures).toEqual([]);
    // Where none of its steps is struck it is met undisturbed.
    if (crowdedScenarios[name]?.steps?.length !== 0) expect(proof.singles).toBeGreaterThan(1);
  },
);
