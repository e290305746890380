import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import { runTrial } from "#proof/matrix/run-trial.ts";
import { trialFrom } from "#proof/matrix/trial.ts";
import { testGround } from "./ground.ts";

// A trial of what never happens proves nothing, and looks like one that does.

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

test.each([
  ["crash@9999", "of a place that never comes"],
  ["invalid@call-0", "of a fault at a call that it does not apply to"],
  ["long-late-tag@call-9999", "of a lie that never begins"],
  ["fail@bake", "of a step that the saga does not have"],
  ["remake@0", "of a record of ours that is not there yet"],
  ["failover@5-9999", "of a standby that never takes over"],
  ["retried@create_droplet", "of a step that is rolled back, and calls no human"],
  ["undo-resolved@create_droplet", "of an undo that is never come to"],
  ["outdated@9999", "of a worker of another release that never comes"],
])("%s is told: it is %s", { timeout: 120_000 }, async (text) => {
  expect((await runTrial(ground, "provision_deployment", trialFrom(text))).missed).toEqual([text]);
});

test("a request that acts late is one that is sent, whatever else is slower", { timeout: 600_000 }, async () => {
  const names: string[] = [];
  const proof = await proveSaga(ground, "provision_deployment:replace_dns", {
    pairs: 0,
    seed: 1,
    among: /^(?:lag@\d+ )?an-hour-late@/,
    onTrial: (trial) => names.push(trial),
  });
  // A trial of what never happens is a failure.
  expect(proof.failures).toEqual([]);
  expect(names.join()).toMatch(/lag@\d+ an-hour-late@/);
});
