import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

// A person's hands at our things, before any request: where they have found a fault of the product (`PROOF.md`, "Findings") more of
// them are run than are drawn elsewhere.

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test.each([
  ["replace_deployment:one_way", /^turn-on@/],
  ["replace_deployment:volume", /^fail@bake turn-on@/],
  ["kind:droplet:size", /^fail@keep_size turn-on@/],
  ["replace_deployment:reserved_ip", /^fail@bake lose-newest@/],
  ["attach_volume", /^lose@/],
])("%s stands %s", { timeout: 1_200_000 }, async (name, among) => {
  const proof = await proveSaga(ground, name, { pairs: 0, seed: 1, among, atMost: atMost.hands });
  console.log(tellOf(proof));
  expect(proof.failures).toEqual([]);
  expect(proof.singles).toBeGreaterThan(3);
});
