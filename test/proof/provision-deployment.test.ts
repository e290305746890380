import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("provision_deployment survives all that can happen to it", { timeout: 2_400_000 }, async () => {
  const proof = await proveSaga(ground, "provision_deployment", {
    pairs: 2,
    atMost: atMost.provision_deployment,
    seed: 1,
  });
  console.log(tellOf(proof));
  expect(proof.failures).toEqual([]);
  expect(proof.singles).toBe(atMost.provision_deployment);
});
