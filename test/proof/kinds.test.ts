import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { provenKinds } from "#proof/kinds.ts";
import { proveKind } from "#proof/matrix/prove-saga.ts";
import { allKinds } from "#resources/kinds/all.ts";
import { testGround } from "./ground.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test("every kind is proven", () =>
  expect(Object.keys(provenKinds).toSorted()).toEqual([...allKinds.keys()].toSorted()));

test.each([...allKinds.keys()])("%s survives all that can happen to it", { timeout: 1_200_000 }, async (kind) => {
  const proofs = await proveKind(ground, kind, { pairs: 12, seed: 1 });
  for (const proof of proofs) console.log(tellOf(proof));
  expect(proofs.flatMap(({ failures }) => failures)).toEqual([]);
  expect(proofs.every(({ singles }) => singles > 60)).toBe(true);
});
