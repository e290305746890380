import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./proof/ground.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());
const file = process.env["ZZ_OUT"] ?? "/tmp/lp/out";
const names = (
  process.env["ZZ"] ??
  "provision_deployment:replace_dns,deprovision_deployment,provision_deployment,deprovision_deployment:young,destroy_droplet,provision_droplet"
).split(",");
test.each(names)("%s", { timeout: 3_000_000 }, async (name) => {
  const [index, count] = (process.env["ZZ_SHARD"] ?? "0/12").split("/").map(Number);
  const proof = await proveSaga(ground, name, {
    pairs: Number(process.env["ZZ_PAIRS"] ?? 6),
    seed: 5,
    shard: { index: index!, count: count! },
    onTrial: (trial, { broken }) =>
      broken.length > 0 && appendFileSync(file, `${name} | ${trial} | ${broken.join("; ")}\n`),
  });
  appendFileSync(file, `DONE ${name} ${proof.singles} ${proof.pairs} ${proof.failures.length}\n`);
  expect(proof.failures).toEqual([]);
});
