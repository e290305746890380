import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { failsLastOf, reversibleOf, stepsOf } from "#proof/matrix/enumerate.ts";
import { type Outcome, runTrial } from "#proof/matrix/run-trial.ts";
import { textOf, type Trial } from "#proof/matrix/trial.ts";
import { operationScenarios } from "#proof/operation-scenarios.ts";
import { reservedIpScenarios } from "#proof/reserved-ip-scenarios.ts";
import { scenarioOf } from "#proof/scenario-of.ts";
import { scenarios } from "#proof/scenarios.ts";
import { volumeScenarios } from "#proof/volume-scenarios.ts";
import { allSagas } from "#sagas/all.ts";
import { random, shuffled } from "#proof/stage/random.ts";
import { testGround } from "./ground.ts";
import { atMost } from "./share.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

// One scenario of each saga, and those that are about steps which that one's input leaves out; not those that fail by themselves.
const all = { ...scenarios, ...operationScenarios, ...volumeScenarios, ...reservedIpScenarios };
const walks = Object.entries(all).filter(([name, { saga, steps, fails }]) => !fails && (name === saga || steps));
const walked = new Set<string>();

/** All workers dead for two hours where a step, or an undo, begins; and frozen where it ends. */
function absences({ points }: Outcome, before: Trial, step: string): Trial[] {
  const its = points.filter((point) => point.step === step);
  const [first, last] = [its[0], its.at(-1)];
  if (!first || !last) throw new Error(`${step} is not in the run of "${textOf(before)}"`);
  return [
    [...before, { kind: "away", at: first.index }],
    [...before, { kind: "asleep", at: last.index }],
  ];
}

test.each(walks)("%s goes on after two hours without a worker", { timeout: 180_000 }, async (name, { steps }) => {
  const clean = await runTrial(ground, name, []);
  const its = stepsOf(clean);
  const names = steps ?? its;
  for (const step of names) walked.add(step);
  const trials = names.flatMap((step) => absences(clean, [], step));
  const { definition: saga } = scenarioOf(name);
  if (!saga.forwardOnly) {
    const before = [failsLastOf(saga, its)];
    const back = await runTrial(ground, name, before);
    trials.push(...reversibleOf(saga, names).flatMap((step) => absences(back, before, `undo ${step}`)));
  }
  for (const trial of shuffled(trials, random(1)).slice(0, atMost.absence)) {
    const { broken, status } = await runTrial(ground, name, trial);
    const end = trial.length > 1 ? "rolled_back" : "completed";
    expect([textOf(trial), broken, status]).toEqual([textOf(trial), [], end]);
  }
});

test("that is every step of every saga", () => {
  const names = [...allSagas.values()].flatMap((saga) => saga.steps.map((step) => step.name));
  expect([...walked].toSorted()).toEqual([...new Set(names)].toSorted());
});
