import { readFile, writeFile } from "node:fs/promises";
import { openGround } from "#proof/ground.ts";
import { runTrial } from "#proof/matrix/run-trial.ts";
import { trialFrom } from "#proof/matrix/trial.ts";
import { trialsTask } from "./messages.ts";

/** Runs trials, in a checkout with a mutant, until one is broken, and writes down which. */
const [, , task = "", answer = ""] = process.argv;
const { server, database, trials } = trialsTask.parse(JSON.parse(await readFile(task, "utf8")));
const ground = await openGround(server, database);
let found = null;
for (const { saga, trial } of trials) {
  const { broken } = await runTrial(ground, saga, trialFrom(trial));
  if (broken.length === 0) continue;
  found = { saga, trial, broken };
  break;
}
await ground.close();
await writeFile(answer, JSON.stringify(found));
process.exit(0);
