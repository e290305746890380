import { appendFile, readFile } from "node:fs/promises";
import { systemClock } from "#clock.ts";
import { seenToItsEnd } from "./end-state.ts";
import { openGround } from "./ground.ts";
import { type HistoriesTask, historyReport } from "./histories/messages.ts";
import { type MatrixMessage, matrixMessage, type MatrixTask } from "./matrix/messages.ts";
import { runTrial } from "./matrix/run-trial.ts";
import { type Trial, trialFrom } from "./matrix/trial.ts";
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
  /** Draws more, by one seed after another, and runs histories beside it, for so long. */
  readonly hours?: number;
}

type Print = (line: string) => void;
const program = new URL("./matrix/thread.ts", import.meta.url);
const historiesProgram = new URL("./histories/thread.ts", import.meta.url);
const hourMs = 3_600_000;
/** Histories that are run for each seed of a proof that goes on for hours. */
const historiesEach = 20;

/** Runs the crash matrix against the simulator, on a PostgreSQL of its own. @returns the exit status */
export async function prove(options: ProveOptions, print: Print): Promise<number> {
  const all = Object.keys(allScenarios);
  const sagas = options.saga === undefined ? all : [options.saga];
  if (sagas.some((saga) => !all.includes(saga))) {
    print(`There is no saga ${options.saga}; there are ${all.join(", ")}`);
    return 2;
  }
  if (options.trial !== undefined) return replay(sagas[0] ?? "", options.trial, print);
  const now = () => systemClock.now().getTime();
  const start = now();
  const until = options.hours === undefined ? null : start + options.hours * hourMs;
  const told: MatrixMessage[] = [];
  let histories = { ran: 0, broken: 0 };
  let { seed } = options;
  await runMatrix({ ...options, seed }, { sagas, singles: "all", until }, told, print);
  for (; until !== null && now() < until; seed += 1) {
    const first = (seed - 1) * historiesEach * options.shard.count + options.shard.index * historiesEach + 1;
    const more = await runHistories(first, { until, threads: options.threads }, print);
    histories = { ran: histories.ran + more.ran, broken: histories.broken + more.broken };
    const next = { ...options, seed: seed + 1 };
    if (now() < until) await runMatrix(next, { sagas, singles: "none", until }, told, print);
  }
  const seconds = (now() - start) / 1000;
  for (const line of tableOf(sagas, told)) print(line);
  const ran = told.filter((it) => it.kind === "ran");
  const broken = ran.filter((it) => it.broken.length > 0).length;
  print(`${ran.length} trials in ${seconds.toFixed(0)} s, ${broken} of them broken`);
  if (until !== null)
    print(`${histories.ran} histories, ${histories.broken} of them broken; go on with --seed ${seed + 1}`);
  return broken + histories.broken > 0 ? 1 : 0;
}

async function runMatrix(
  { full, pairs, seed, shard, threads, progress }: ProveOptions,
  what: Pick<MatrixTask, "sagas" | "singles" | "until">,
  told: MatrixMessage[],
  print: Print,
): Promise<void> {
  const done = progress === undefined ? [] : await linesOf(progress);
  const task: MatrixTask = { ...what, pairs: full ? "all" : pairs, seed, shard, done };
  await inParallel(program, threads, task, (message) => {
    const it = matrixMessage.parse(message);
    told.push(it);
    if (it.kind !== "ran") return;
    if (it.broken.length > 0)
      print(`BROKEN ${it.broken.join("; ")}\n  replay: arcadia prove --saga ${it.saga} --trial "${it.trial}"`);
    else if (progress !== undefined) void appendFile(progress, `${it.saga} ${it.trial}\n`);
  });
}

async function runHistories(
  first: number,
  { until, threads }: { readonly until: number; readonly threads: number },
  print: Print,
): Promise<{ ran: number; broken: number }> {
  const forMs = Math.max(0, until - systemClock.now().getTime());
  const task: HistoriesTask = { first, last: first + historiesEach - 1, forMs };
  const counts = { ran: 0, broken: 0 };
  await inParallel(historiesProgram, threads, task, (message) => {
    const { seed, broken } = historyReport.parse(message);
    counts.ran += 1;
    if (broken.length === 0) return;
    counts.broken += 1;
    print(`BROKEN ${broken.join("; ")}\n  replay: npm run simulate-histories -- --seeds ${seed}`);
  });
  return counts;
}

async function replay(saga: string, text: string, print: Print): Promise<number> {
  let trial: Trial;
  try {
    trial = trialFrom(text);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    return 2;
  }
  const server = await startTestServer();
  try {
    const ground = await openGround(server, "replay");
    const seen = seenToItsEnd(ground);
    const { broken, status, points, calls, missed } = await runTrial(seen.ground, saga, trial);
    for (const { index, step, port, what } of points) print(`${index}\t${step}\t${port}\t${what}`);
    for (const { index, step, method, path, sent } of calls) print(`call-${index}\t${step}\t${method} ${path}${sent}`);
    for (const [name, lines] of seen.end()) for (const line of lines) print(`${name}\t${line}`);
    for (const it of missed) print(`${it} never happened`);
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
