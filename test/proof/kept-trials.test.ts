import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

/** Of trials that broke once all of their kind, wherever they strike by now: no seed has to draw them. */
const kept = {
  "a record that a rollback brought back stays, however late its first create acts": [
    "provision_deployment:replace_dns",
    /^fail@\S+ an-hour-late@/,
  ],
  "a volume stays where it is when its lost droplet cannot be replaced, whatever is hidden": [
    "repair_deployment:volume",
    /^fail@\S+ hides@/,
  ],
  "one listing that misses the record of what is adopted gives nothing up": ["adopt_deployment", /^lag@\S+ list-lag@/],
  "nor does one that shows its droplet as not started": ["adopt_deployment", /late-status@/],
  "what nothing shows for some seconds is not gone: it is deleted": ["deprovision_deployment", /^blinks@/],
  "nor where it is taken back": ["provision_deployment", /^fail@\S+ blinks@/],
  "nor what led the hostname before": ["provision_deployment:replace_dns", /^blinks@/],
  "nor the record of what has baked": ["replace_deployment", /^blinks@/],
  "nor the old droplet, whose DELETE is a 404 meanwhile": ["replace_deployment:reserved_ip", /^blinks@/],
  "whatever a person does to our record, it is believed for as long as they say": [
    "provision_deployment:replace_dns",
    /^fail@\S+ (?:retouch|remake)@/,
  ],
  "nor is a droplet destroyed to which a person leads by what they made in our record's place": [
    "deprovision_deployment:adopted",
    /^remake@/,
  ],
  "nor is one listing believed that misses what another has shown to lead to it": [
    "deprovision_deployment:shared_address",
    /^list-lag@/,
  ],
  "a last snapshot is found again, whatever a failover has lost": ["deprovision_deployment:volume", /^failover@/],
  "what is about another's for some seconds fails nothing": ["repair_deployment", /^long-anothers@/],
} as const satisfies Readonly<Record<string, readonly [scenario: string, among: RegExp]>>;

test.each(Object.entries(kept))("it broke once: %s", { timeout: 600_000 }, async (_, [scenario, among]) => {
  const proof = await proveSaga(ground, scenario, { pairs: 0, seed: 1, among });
  expect(proof.failures).toEqual([]);
  expect(proof.singles).toBeGreaterThan(0);
});
