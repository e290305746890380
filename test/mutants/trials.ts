import { readFile, writeFile } from "node:fs/promises";
import { openGround } from "#proof/ground.ts";
import { trialsTask } from "./messages.ts";
import { brokenBy } from "./one-trial.ts";

/** Runs trials, in a checkout with a mutant, until one is broken, and writes down which. */
const [, , task = "", answer = ""] = process.argv;
const { server, database, trials } = trialsTask.parse(JSON.parse(await readFile(task, "utf8")));
const ground = await openGround(server, database);
let begun = process.cpuUsage();
let running = trials[0];
const end = async (found: unknown): Promise<never> => {
  await writeFile(answer, JSON.stringify(found));
  process.exit(0);
};
/** A trial takes a second at most, a history some. By our own work, so that a busy machine makes nobody hang. */
const mostCpuSeconds = 40;
setInterval(() => {
  const { user, system } = process.cpuUsage(begun);
  if (user + system > mostCpuSeconds * 1e6) void end({ ...running, broken: ["it hangs"] });
}, 1000);

for (const trial of trials) {
  [begun, running] = [process.cpuUsage(), trial];
  const broken = await brokenBy(ground, trial);
  if (broken.length > 0) await end({ ...trial, broken });
}
await end(null);
