import { cpuUsage, argv } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Open, Shape } from "./contestant.ts";
import { postgresCost } from "./process-cost.ts";

/** What one run of one contestant has cost. */
export interface Measured {
  readonly startsPerSecond: number;
  readonly sagasPerSecond: number;
  /** CPU milliseconds a workflow, while they run. */
  readonly nodeMs: number;
  readonly postgresMs: number;
  readonly walBytes: number;
  /** From the commit of a start to its first step, one at a time, on an idle worker. Milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly max: number };
}

const [, , name = "", url = "", adminUrl = "", shape = "empty", countText = "1000"] = argv;
const count = Number(countText);
const startersAtOnce = 20;
const latencySamples = 50;

const { open }: { open: Open } = await import(`./contestants/${name}.ts`);
const contestant = await open(url, shape satisfies string as Shape);

let left = count;
const starter = async (): Promise<void> => {
  while (left-- > 0) await contestant.start();
};
const starting = performance.now();
await Promise.all(Array.from({ length: startersAtOnce }, starter));
const startsPerSecond = (count * 1000) / (performance.now() - starting);

const began = new Map<string, number>();
const before = { cpu: cpuUsage(), postgres: await postgresCost(adminUrl), at: performance.now() };
await contestant.work((id) => began.set(id, performance.now()));
while ((await contestant.unfinished()) > 0) await sleep(25);
const seconds = (performance.now() - before.at) / 1000;
const cpu = cpuUsage(before.cpu);
const after = await postgresCost(adminUrl);

const waits: number[] = [];
for (let sample = 0; sample < latencySamples; sample += 1) {
  const id = await contestant.start();
  const committed = performance.now();
  while (!began.has(id)) await sleep(0);
  waits.push(Math.max(0, (began.get(id) ?? 0) - committed));
  while ((await contestant.unfinished()) > 0) await sleep(5);
}
waits.sort((a, b) => a - b);
const at = (share: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0;

const measured: Measured = {
  startsPerSecond,
  sagasPerSecond: count / seconds,
  nodeMs: (cpu.user + cpu.system) / 1000 / count,
  postgresMs: (after.cpuMs - before.postgres.cpuMs) / count,
  walBytes: (after.walBytes - before.postgres.walBytes) / count,
  latencyMs: { p50: at(0.5), p95: at(0.95), max: at(1) },
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
await contestant.close();
process.exit(0);
