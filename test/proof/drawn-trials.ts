import { readFile } from "node:fs/promises";
import { z } from "zod";
import { proveSaga } from "#proof/matrix/prove-saga.ts";
import type { Ground } from "#proof/matrix/run-trial.ts";
import { allScenarios } from "#proof/scenario-of.ts";
import { random, shuffled } from "#proof/stage/random.ts";

/** `freeze`, `reset-after`: what is done last. */
const kindOf = (trial: string): string => trial.split(" ").at(-1)?.replace(/@.*/, "") ?? "";

/**
 * Chosen by `npm run prove:mutants -- --choose 300 --survey 24 --tests 0`, since they come by code of the rules that nothing else that is
 * recorded comes by; and by hand, some of each of what operators and persons do.
 */
const telling = z
  .record(z.string(), z.array(z.string()))
  .parse(JSON.parse(await readFile(new URL("telling-trials.json", import.meta.url), "utf8")));

/**
 * Of a scenario the clean run, the one that comes back from its last step, those that tell more than others, and `count` more disturbed ones, of as many kinds as
 * there are; always the same.
 * @returns their texts
 */
export async function drawnTrials(ground: Ground, saga: string, count: number): Promise<string[]> {
  const all: string[] = [];
  // None but the clean ones are run here: which there are is what is asked.
  await proveSaga(ground, saga, { pairs: 0, seed: 1, isDone: (trial) => all.push(trial) > 0 });
  // The one that comes back from the last step begins every trial of a way back.
  const back = all.map((trial) => /^(fail@\S+) /.exec(trial)?.[1]).find((trial) => trial !== undefined);
  const draw = random(1 + Object.keys(allScenarios).indexOf(saga));
  const kinds = shuffled([...Map.groupBy(shuffled(all, draw), kindOf).values()], draw);
  const drawn = Array.from(
    { length: count },
    (_, turn) => kinds[turn % kinds.length]?.[Math.floor(turn / kinds.length)],
  );
  const others = [...(telling[saga] ?? []), ...drawn.filter((it) => it !== undefined)];
  return [...new Set(["", ...(back === undefined ? [] : [back]), ...others])];
}
