import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Outcome } from "#proof/matrix/run-trial.ts";

/** By scenario and trial what it takes: of the clean run, of the one that comes back from its last step, and of disturbed ones. */
const paces = z.record(z.string(), z.record(z.string(), z.string()));
export type Paces = z.infer<typeof paces>;

/** Disturbed trials of each scenario. */
export const disturbedOnes = 4;

export const file = new URL("pace.json", import.meta.url);
export const recordedPaces = async (): Promise<Paces> => paces.parse(JSON.parse(await readFile(file, "utf8")));

/** Nothing happens to it but that its last step fails. */
export const isUndisturbed = (trial: string): boolean => /^(?:fail@\S+)?$/.test(trial);

/**
 * What a trial takes: requests to the provider, virtual time from its saga's start to its end, and of an undisturbed one the
 * statements too.
 */
export function paceOf(trial: string, { calls, points, seconds }: Outcome): string {
  const statements = points.filter(({ port }) => port === "sql").length;
  return `${calls.length} requests, ${isUndisturbed(trial) ? `${statements} statements, ` : ""}${seconds} s`;
}
