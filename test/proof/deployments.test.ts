import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { scenarios } from "#proof/scenarios.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

// The largest has a file of its own, so that it runs beside these.
const others = Object.keys(scenarios).filter(
  (name) => name.includes("deployment") && name !== "provision_deployment" && !name.includes("park_deployment"),
);

test.each(others)("%s survives all that can happen to it", { timeout: 2_400_000 }, async (name) => {
  const proof = await proveSaga(ground, name, { pairs: 2, atMost: atMost.scenario, seed: 1 });
  console.log(tellOf(proof));
  expect(proof.failures).toEqual([]);
  // Of a scenario that strikes one step there are the fewest.
  expect(proof.singles).toBeGreaterThan(5);
});
