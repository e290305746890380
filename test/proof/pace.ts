import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Outcome } from "#proof/matrix/run-trial.ts";

/** By scenario and trial what it takes: of the clean run, and of the one that comes back from its last step. */
const paces = z.record(z.string(), z.record(z.string(), z.string()));
export type Paces = z.infer<typeof paces>;

export const file = new URL("pace.json", import.meta.url);
export const recordedPaces = async (): Promise<Paces> => paces.parse(JSON.parse(await readFile(file, "utf8")));

/** What a run takes: requests to the provider, statements, and virtual time from its saga's start to its end. */
export const paceOf = ({ calls, points, seconds }: Outcome): string =>
  `${calls.length} requests, ${points.filter(({ port }) => port === "sql").length} statements, ${seconds} s`;
