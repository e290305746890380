import { asked, history, type SurveyedTrial } from "./messages.ts";
import { type Chooser, choosing, recording } from "./recorder.ts";

/** Runs trials, in a checkout with all mutants in it, whenever it is told to: none, one mutant or another is in effect. */
const { server, database, active: atStart } = asked.start.parse(JSON.parse(process.argv[2] ?? ""));
let active = atStart;
let reached: Set<number> | undefined;
const [chosen, recorded] = [choosing(() => active), recording((number) => reached?.add(number))];
const now = (): typeof chosen => (reached ? recorded : chosen);
const chooser: Chooser = {
  __mutant: (number, isCompared) => now().__mutant(number, isCompared),
  __saw: (value, others) => now().__saw(value, others),
};
Object.assign(globalThis, chooser);

const { openGround } = await import("#proof/ground.ts");
const { drawnTrials } = await import("#test/proof/drawn-trials.ts");
const { brokenBy, isRecorded } = await import("./one-trial.ts");
const ground = await openGround(server, database);

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** Whatever is broken; what takes ten times of what it took without a mutant hangs. By our own work, for a machine may be busy. */
async function run({ trials, mutant }: Asked): Promise<unknown> {
  active = mutant ?? atStart;
  for (const { ms, ...trial } of trials) {
    const begun = process.cpuUsage();
    const most = 4000 + 10 * ms;
    const timer = setInterval(() => {
      // Nothing that is begun here can be ended but with the process.
      if (cpuMs(begun) > most) process.send?.({ broken: { ...trial, broken: ["it hangs"] } }, () => process.exit());
    }, 500);
    const broken = await brokenBy(ground, trial);
    clearInterval(timer);
    if (broken.length > 0) return { broken: { ...trial, broken: [...broken] } };
  }
  return { broken: null };
}
type Asked = ReturnType<typeof asked.run.parse>;

/** Which trials of a scenario, or which histories, come by which mutants. */
async function survey({ saga, count }: ReturnType<typeof asked.survey.parse>): Promise<unknown> {
  active = undefined;
  const found: SurveyedTrial[] = [];
  const broken: string[] = [];
  const trials =
    saga === history
      ? Array.from({ length: count }, (_, index) => String(index + 1))
      : await drawnTrials(ground, saga, count);
  for (const trial of trials) {
    reached = new Set();
    const begun = process.cpuUsage();
    const wrong = await brokenBy(ground, { saga, trial });
    const ms = Math.round(cpuMs(begun));
    // What is broken as it is judges nobody.
    if (wrong.length > 0) broken.push(`${saga} ${trial} is broken without any mutant: ${wrong[0]}`);
    else found.push({ saga, trial, ms, reached: [...reached], isRecorded: await isRecorded({ saga, trial }) });
  }
  reached = undefined;
  return { found, broken };
}

process.on("message", (message) => {
  const work = asked.survey.safeParse(message);
  const done = work.success ? survey(work.data) : run(asked.run.parse(message));
  void done.then((answer) => process.send?.(answer));
});
process.once("disconnect", () => process.exit());
process.send?.({ ready: true });
