import { appendFile, readFile } from "node:fs/promises";
import { systemClock } from "#clock.ts";
import { openGround } from "./ground.ts";
import { type MatrixMessage, matrixMessage } from "./matrix/messages.ts";
import { runTrial } from "./matrix/run-trial.ts";
import { trialFrom } from "./matrix/trial.ts";
import { inParallel } from "./parallel.ts";
import { allScenarios } from "./scenario-of.ts";
import { startTestServer } from "./server.ts";

export interface ProveOptions {
  readonly saga?: string;
  /** Replays this one. */
  readonly trial?: string;
  readonly full: boolean;
  readonly pairs: number;
  readonly seed: number;
  readonly shard: { readonly index: number; readonly count: number };
  readonly threads: number;
  /** Remembers what has been run, so that an interrupted proof goes on. */
  readonly progress?: string;
}

type Print = (line: string) => void;
const program = new URL("./matrix/thread.ts", import.meta.url);

/** Runs the crash matrix against the simulator, on a PostgreSQL of its own. @returns the exit status */
export async function prove(options: ProveOptions, print: Print): Promise<number> {
  const all = Object.keys(allScenarios);
  const sagas = options.saga === undefined ? all : [options.saga];
  if (sagas.some((saga) => !all.includes(saga))) {
    print(`There is no saga ${options.saga}; there are ${all.join(", ")}`);
    return 2;
  }
  if (options.trial !== undefined) return replay(sagas[0] ?? "", options.trial, print);
  const { pairs, seed, shard, threads, progress } = options;
  const done = progress === undefined ? [] : await linesOf(progress);
  const task = { sagas, pairs: options.full ? ("all" as const) : pairs, seed, shard, done };
  const start = systemClock.now().getTime();
  const told: MatrixMessage[] = [];
  await inParallel(program, threads, task, (message) => {
    const it = matrixMessage.parse(message);
    told.push(it);
    if (it.kind !== "ran") return;
    if (it.broken.length > 0)
      print(`BROKEN ${it.broken.join("; ")}\n  replay: arcadia prove --saga ${it.saga} --trial "${it.trial}"`);
    else if (progress !== undefined) void appendFile(progress, `${it.saga} ${it.trial}\n`);
  });
  const seconds = (systemClock.now().getTime() - start) / 1000;
  for (const line of tableOf(sagas, told)) print(line);
  const ran = told.filter((it) => it.kind === "ran");
  const broken = ran.filter((it) => it.broken.length > 0).length;
  print(`${ran.length} trials in ${seconds.toFixed(0)} s, ${broken} of them broken`);
  return broken > 0 ? 1 : 0;
}

async function replay(saga: string, text: string, print: Print): Promise<number> {
  const server = await startTestServer();
  try {
    const ground = await openGround(server, "replay");
    const { broken, status, points, calls } = await runTrial(ground, saga, trialFrom(text));
    for (const { index, step, port, what } of points) print(`${index}\t${step}\t${port}\t${what}`);
    for (const { index, step, method, path } of calls) print(`call-${index}\t${step}\t${method} ${path}`);
    print(broken.length > 0 ? `BROKEN ${broken.join("; ")}` : `${saga} ended ${status}; every invariant holds`);
    await ground.close();
    return broken.length > 0 ? 1 : 0;
  } finally {
    await server.stop();
  }
}

function tableOf(sagas: readonly string[], told: readonly MatrixMessage[]): string[] {
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(34) : String(cell).padStart(10))).join("");
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  return [
    row(["saga", "crossings", "calls", "faults", "singles", "pairs", "broken"]),
    ...sagas.map((saga) => {
      const parts = told.filter((it) => it.kind === "proved" && it.saga === saga).filter((it) => it.kind === "proved");
      const [first] = parts;
      const broken = told.filter((it) => it.kind === "ran" && it.saga === saga && it.broken.length > 0).length;
      const added = (["faults", "singles", "pairs"] as const).map((key) => sum(parts.map((part) => part[key])));
      return row([saga, first?.points ?? 0, first?.calls ?? 0, ...added, broken]);
    }),
  ];
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n").filter((line) => line);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
