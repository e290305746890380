import type { SimulatorState } from "#simulator/simulator-state.ts";
import type { Installation } from "./installation.ts";

export async function arm({ providerUrl }: Installation, fault: object): Promise<void> {
  const response = await fetch(`${providerUrl}/_sim/faults`, { method: "POST", body: JSON.stringify(fault) });
  if (!response.ok) throw new Error(`The fault was refused: ${await response.text()}`);
}

export async function disarm({ providerUrl }: Installation): Promise<void> {
  await fetch(`${providerUrl}/_sim/faults`, { method: "DELETE" });
}

export const truth = async ({ providerUrl }: Installation): Promise<SimulatorState> =>
  (await fetch(`${providerUrl}/_sim/state`)).json() as Promise<SimulatorState>;
