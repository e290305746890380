import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { history, type Survey, surveyTask } from "./messages.ts";
import { countBlocks, reachedOf } from "./reached.ts";

/** Finds out which trials come by which places, and writes it down. */
const [, , task = "", answer = ""] = process.argv;
const { server, places, each, histories } = surveyTask.parse(JSON.parse(await readFile(task, "utf8")));
const root = fileURLToPath(new URL("../../", import.meta.url));
const blocks = countBlocks();

const { openGround } = await import("#proof/ground.ts");
const { proveSaga } = await import("#proof/matrix/prove-saga.ts");
const { allScenarios } = await import("#proof/scenario-of.ts");
const { brokenBy } = await import("./one-trial.ts");
const { random, shuffled } = await import("#proof/stage/random.ts");

const ground = await openGround(server, "survey");
const found: Survey = { trials: [], reached: {} };
const note = (saga: string, ...trials: readonly string[]): void => {
  const ids = reachedOf(blocks.take(), places, root);
  for (const trial of trials) {
    const index = found.trials.push({ saga, trial }) - 1;
    for (const id of ids) (found.reached[id] ??= []).push(index);
  }
};

async function ask(saga: string, trial: string): Promise<void> {
  blocks.take();
  const broken = await brokenBy(ground, { saga, trial });
  // What is broken as it is judges nobody.
  if (broken.length === 0) note(saga, trial);
  else console.error(`${saga} ${trial} is broken without any mutant: ${broken[0]}`);
}

/** `freeze`, `reset-after`: what is done last. */
const kindOf = (trial: string): string => trial.split(" ").at(-1)?.replace(/@.*/, "") ?? "";

for (const [turn, saga] of Object.keys(allScenarios).entries()) {
  blocks.take();
  const texts: string[] = [];
  const { failures } = await proveSaga(ground, saga, {
    pairs: 0,
    seed: 1,
    // None is run here: which there are is what is asked.
    isDone: (trial) => texts.push(trial) > 0,
  });
  // The clean run, and the one back from the last step, which begins every trial of a rollback.
  const back = texts.map((text) => /^(fail@\S+) /.exec(text)?.[1]).find((text) => text !== undefined);
  if (failures.length === 0) note(saga, ...(back === undefined ? [""] : ["", back]));
  const draw = random(turn + 1);
  const kinds = shuffled([...Map.groupBy(shuffled(texts, draw), kindOf).values()], draw);
  for (const [trial = ""] of kinds.slice(0, each)) await ask(saga, trial);
}
for (let seed = 1; seed <= histories; seed += 1) await ask(history, String(seed));
await ground.close();
await writeFile(answer, JSON.stringify(found));
process.exit(0);
