import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plan } from "#engine/plan.ts";
import type { ProofGround } from "#proof/ground.ts";
import { runTrial } from "#proof/matrix/run-trial.ts";
import { type Disturbance, textOf, type Trial } from "#proof/matrix/trial.ts";
import { allScenarios } from "#proof/scenario-of.ts";
import type { Alterations } from "#proof/stage/stage.ts";
import { allSagas } from "#sagas/all.ts";
import plans from "../upgrade/plans.json" with { type: "json" };
import { testGround } from "./ground.ts";
import { beganWith, laterRelease } from "./later-release.ts";

let ground: ProofGround;
beforeAll(async () => (ground = await testGround()));
afterAll(() => ground.close());

const releases: [string, Record<string, Plan>][] = Object.entries(plans);

/** An input that leaves out none of the steps, as far as a step's condition looks at it. */
const wholeInputs = { health_check: {}, reserved_ip: true };

test("the newest plan of each saga in plans.json is today's: a release that changes one adds its own", () => {
  const today = Object.fromEntries([...allSagas].map(([name, saga]) => [name, saga.plan(wholeInputs)]));
  expect(today).toEqual(Object.assign({}, ...releases.map(([, its]) => its)));
});

/** Every saga of every release: the release, the saga, its plan. */
const sagas = releases.flatMap(([release, its]) =>
  Object.entries(its).map(([saga, plan]) => [release, saga, plan] as const),
);
const names = ({ steps }: Plan) => steps.map(({ name }) => name);

/** The worker dies where a step begins, and where it ends; every step of the way is one of these. */
async function stops(saga: string, alter: Alterations, before: Trial, ways: readonly string[]): Promise<Trial[]> {
  const { points } = await runTrial({ ...ground, alter }, saga, before);
  return ways.flatMap((way) => {
    const its = points.filter((point) => point.step === way);
    expect(its, `${saga} has not come to ${way}`).not.toHaveLength(0);
    return [its[0]?.index, its.at(-1)?.index].map((at): Trial => [...before, { kind: "crash", at: at ?? 0 }]);
  });
}

async function endsWell(saga: string, alter: Alterations, trials: readonly Trial[], end: string): Promise<void> {
  for (const trial of trials) {
    const { broken, status } = await runTrial({ ...ground, alter }, saga, trial);
    expect([textOf(trial), broken, status]).toEqual([textOf(trial), [], end]);
  }
}

describe.each([
  ["today's code", undefined, sagas],
  [
    "a later release's code, which has a step more, another order, one step retired and no pivot",
    laterRelease,
    sagas.filter(([release]) => release === releases[0]?.[0]),
  ],
] as const)("%s", (_code, changed, begun) => {
  test.each(begun)("finishes what the release of %s began: %s", { timeout: 300_000 }, async (_release, saga, plan) => {
    expect(allScenarios[saga]?.saga).toBe(saga);
    const alter: Alterations = { begun: beganWith(plan), ...(changed && { sagas: changed }) };
    await endsWell(saga, alter, [[], ...(await stops(saga, alter, [], names(plan)))], "completed");
    if (plan.pivot === 0) return;
    const undone = names(plan).slice(0, plan.pivot ?? undefined);
    const last: Disturbance = { kind: "fail", step: undone.at(-1) ?? "" };
    const undos = undone.map((name) => `undo ${name}`);
    await endsWell(saga, alter, [[last], ...(await stops(saga, alter, [last], undos))], "rolled_back");
  });
});
