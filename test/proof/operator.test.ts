import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { heldScenarios } from "#proof/held-scenarios.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";
import { tellOf } from "./tell.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test.each(Object.entries(heldScenarios))("%s survives all", { timeout: 1_200_000 }, async (name, { held }) => {
  // Of what never begins there are no places.
  const singles = held === "withdrawn" ? "all" : "places";
  const proof = await proveSaga(ground, name, { pairs: 0, seed: 1, singles, atMost: atMost.operation });
  console.log(tellOf(proof));
  expect(proof.failures).toEqual([]);
  expect(proof.singles).toBeGreaterThan(1);
});

/** Where a human is called, of a saga with a deployment and of one without: all of these, whatever the seed draws elsewhere. */
const called: Readonly<Record<string, readonly (readonly [scenario: string, among: RegExp])[]>> = {
  "a step or an undo that is stuck is retried, and does its work": [
    ["provision_deployment", /undo-retried@/],
    ["deprovision_deployment", /^retried@/],
    ["kind:dns_record:removal", /^retried@/],
  ],
  "one that is resolved, and was not done by hand after all, leads nobody astray and leaves nothing unseen": [
    ["provision_deployment", /undo-resolved@/],
    ["provision_deployment:replace_dns", /undo-resolved@/],
    ["provision_deployment:volume", /undo-resolved@create_droplet/],
    ["deprovision_deployment", /^resolved@/],
    ["resize_deployment", /undo-resolved@/],
    ["replace_deployment", /resolved@(?:point_deployment_dns|retire_droplet)/],
    ["adopt_deployment", /undo-resolved@(?:verify_droplet|link_deployment_resource|claim_deployment_dns)/],
    ["kind:dns_record:removal", /^resolved@/],
    ["kind:volume:removal", /^resolved@/],
  ],
  "a worker of a release without the step gives it back to one that knows it, or calls a human": [
    ["provision_droplet", /(?:older|outdated)@/],
    ["kind:dns_record:removal", /(?:older|outdated)@/],
  ],
  "what a restored backup holds goes on once it is retried": [
    ["provision_droplet", /restore@/],
    ["kind:dns_record", /restore@/],
  ],
};

describe.each(Object.entries(called))("%s", (_, where) => {
  test.each(where)("in %s, %s", { timeout: 600_000 }, async (scenario, among) => {
    const proof = await proveSaga(ground, scenario, { pairs: 0, seed: 1, among });
    expect(proof.failures).toEqual([]);
    expect(proof.singles).toBeGreaterThan(0);
  });
});
