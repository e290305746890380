import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { openGround, type ProofGround } from "#proof/ground.ts";

/** A database of the test's own to run proofs in. */
export const testGround = (): Promise<ProofGround> =>
  openGround(inject("testServer"), `proof_${randomBytes(6).toString("hex")}`);
