import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";
import { share } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("provision_deployment survives all that can happen to it", { timeout: 1_200_000 }, async () => {
  const proof = await proveSaga(ground, "provision_deployment", {
    pairs: 24,
    hasTime: share("provision_deployment"),
    seed: 1,
  });
  console.log(tellOf(proof));
  expect(proof.failures).toEqual([]);
  expect(proof.singles).toBeGreaterThan(1000);
});
