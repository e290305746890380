import { allSagas } from "#sagas/all.ts";
import type { AnySaga } from "#engine/saga.ts";
import type { StepContext } from "#sagas/step-context.ts";
import { heldScenarios } from "./held-scenarios.ts";
import { crowdedScenarios } from "./crowded-scenarios.ts";
import { provenKinds } from "./kinds.ts";
import { operationScenarios } from "./operation-scenarios.ts";
import { reservedIpScenarios } from "./reserved-ip-scenarios.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { volumeScenarios } from "./volume-scenarios.ts";

/** Every scenario there is: those of the product's sagas, and those of the kinds' own. */
export const allScenarios: Readonly<Record<string, Scenario>> = Object.assign(
  { ...scenarios, ...operationScenarios, ...volumeScenarios, ...reservedIpScenarios, ...heldScenarios },
  ...Object.values(provenKinds).map((kind) => kind.scenarios),
  crowdedScenarios,
);

/** Every saga that a proof runs, by name. */
export const provenSagas: ReadonlyMap<string, AnySaga<StepContext>> = new Map([
  ...allSagas,
  ...Object.values(provenKinds).flatMap(({ sagas }) => sagas.map((it) => [it.name, it] as const)),
]);

/** A scenario by its name, with the saga that it is about. @throws when there is none */
export function scenarioOf(name: string) {
  const scenario = allScenarios[name];
  const definition = scenario && provenSagas.get(scenario.saga);
  if (!definition) throw new Error(`There is no scenario ${name}; there are ${Object.keys(allScenarios).join(", ")}`);
  return {
    ...scenario,
    definition: scenario.pivot === undefined ? definition : definition.withPivotAt(scenario.pivot),
  };
}
