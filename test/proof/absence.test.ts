import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProofGround } from "#proof/ground.ts";
import { runTrial } from "#proof/matrix/run-trial.ts";
import { type Disturbance, textOf, type Trial } from "#proof/matrix/trial.ts";
import { scenarios } from "#proof/scenarios.ts";
import { allSagas } from "#sagas/all.ts";
import { testGround } from "./ground.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

/** All workers dead for two hours where a step, or an undo, begins; and frozen where it ends. */
async function absences(saga: string, before: Trial, step: string): Promise<Trial[]> {
  const { points } = await runTrial(ground, saga, before);
  const its = points.filter((point) => point.step === step);
  const [first, last] = [its[0], its.at(-1)];
  if (!first || !last) return [];
  return [
    [...before, { kind: "away", at: first.index }],
    [...before, { kind: "asleep", at: last.index }],
  ];
}

describe.each([...allSagas.values()])("$name", (saga) => {
  test("has a scenario", () => expect(scenarios[saga.name]?.saga).toBe(saga.name));

  const names = saga.steps.map((step) => step.name);
  const last: Disturbance = { kind: "fail", step: names.at(-1) ?? "" };
  const walks: [string, Trial][] = names.map((name) => [name, []]);
  if (!saga.forwardOnly) for (const name of names) walks.push([`undo ${name}`, [last]]);

  test.each(walks)("%s goes on after two hours without a worker", { timeout: 120_000 }, async (step, before) => {
    const trials = await absences(saga.name, before, step);
    expect(trials).toHaveLength(2);
    for (const trial of trials) {
      const { broken, status } = await runTrial(ground, saga.name, trial);
      expect([textOf(trial), broken, status]).toEqual([
        textOf(trial),
        [],
        before.length > 0 ? "rolled_back" : "completed",
      ]);
    }
  });
});
