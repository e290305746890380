import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { cloneDatabase, dropDatabase, startTestServer } from "../src/proof/server.ts";
import type { Shape } from "./contestant.ts";
import type { Measured } from "./run-contestant.ts";
import { openTcpDoor } from "./tcp-door.ts";

const help = `npm run bench:engine -- [options]: engines side by side, interleaved, on one PostgreSQL with fsync on
  --sagas N       workflows a run (1000)
  --rounds N      runs of each (2)
  --only A,B      of ours, bare-sql, dbos, openworkflow
  --json          the figures of every run, as JSON`;

const { values } = parseArgs({
  options: {
    sagas: { type: "string", default: "1000" },
    rounds: { type: "string", default: "2" },
    only: { type: "string", default: "ours,bare-sql,dbos,openworkflow" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
if (!existsSync(new URL("node_modules/openworkflow", import.meta.url))) {
  console.error("The engines that we are measured against are not installed: npm ci --prefix bench");
  process.exit(2);
}

const contestants = values.only.split(",");
const shapes: readonly Shape[] = ["empty", "writing"];
const program = fileURLToPath(new URL("run-contestant.ts", import.meta.url));
const server = await startTestServer("durable");
const runs: (Measured & { name: string; shape: Shape; round: number })[] = [];
try {
  for (let round = 1; round <= Number(values.rounds); round += 1)
    for (const shape of shapes)
      for (const name of contestants) {
        const database = `bench_${name.replace("-", "_")}_${shape}_${round}`;
        const measured = await withDatabase(database, name === "ours", (url) => measure(name, url, shape));
        runs.push({ name, shape, round, ...measured });
        if (!values.json)
          console.log(`round ${round}, ${shape}, ${name}: ${measured.sagasPerSecond.toFixed(0)} sagas/s`);
      }
} finally {
  await server.stop();
}
if (values.json) console.log(JSON.stringify(runs, null, 2));
else for (const shape of shapes) printTable(shape);

/** One has a driver that speaks TCP only. */
async function measure(name: string, url: string, shape: Shape): Promise<Measured> {
  if (name !== "openworkflow") return run(name, url, shape);
  const door = await openTcpDoor(url);
  try {
    return await run(name, door.url, shape);
  } finally {
    door.close();
  }
}

async function run(name: string, url: string, shape: Shape): Promise<Measured> {
  const args = [program, name, url, server.adminUrl, shape, values.sagas];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8, timeout: 600_000 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

/** A database of its own: a clone of ours, or an empty one; dropped afterwards. */
async function withDatabase<T>(name: string, isOurs: boolean, use: (url: string) => Promise<T>): Promise<T> {
  const url = await cloneDatabase(isOurs ? server : { ...server, template: "template1" }, name);
  try {
    return await use(url);
  } finally {
    await dropDatabase(server, name);
  }
}

/** The median of the rounds, and each engine's rate as a ratio to DBOS's of the same shape. */
function printTable(shape: Shape): void {
  const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
  const of = (name: string, figure: (run: Measured) => number): number =>
    median(runs.filter((it) => it.name === name && it.shape === shape).map(figure));
  const reference = contestants.includes("dbos") ? of("dbos", (it) => it.sagasPerSecond) : NaN;
  console.log(`\nSeven ${shape === "empty" ? "empty steps" : "steps, of which four write our tables"}:`);
  console.table(
    Object.fromEntries(
      contestants.map((name) => [
        name,
        {
          "sagas/s": Math.round(of(name, (it) => it.sagasPerSecond)),
          "x DBOS": Number((of(name, (it) => it.sagasPerSecond) / reference).toFixed(2)),
          "node ms": Number(of(name, (it) => it.nodeMs).toFixed(2)),
          "PG ms": Number(of(name, (it) => it.postgresMs).toFixed(2)),
          "WAL B": Math.round(of(name, (it) => it.walBytes)),
          "starts/s": Math.round(of(name, (it) => it.startsPerSecond)),
          "start p50 ms": Number(of(name, (it) => it.latencyMs.p50).toFixed(1)),
          "max ms": Number(of(name, (it) => it.latencyMs.max).toFixed(1)),
        },
      ]),
    ),
  );
}
