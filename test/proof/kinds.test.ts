import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { provenKinds } from "#proof/kinds.ts";
import { proveKind } from "#proof/matrix/prove-saga.ts";
import { allKinds } from "#resources/kinds/all.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("every kind is proven", () =>
  expect(Object.keys(provenKinds).toSorted()).toEqual([...allKinds.keys()].toSorted()));

test.each([...allKinds.keys()])("%s survives all that can happen to it", { timeout: 1_200_000 }, async (kind) => {
  const proofs = await proveKind(ground, kind, () => ({
    singles: "places",
    pairs: 0,
    atMost: atMost.verb,
    seed: 1,
  }));
  for (const proof of proofs) console.log(tellOf(proof));
  expect(proofs.flatMap(({ failures }) => failures)).toEqual([]);
  // What is made and removed, and the way back, have more places than this; a change of a thing has the fewest.
  for (const { singles, saga } of proofs) expect(singles, saga).toBeGreaterThan(5);
});
