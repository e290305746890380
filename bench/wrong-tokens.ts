import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { processCost } from "./process-cost.ts";
import { environment, serve } from "./serving.ts";

const help = `npm run bench:wrong-tokens -- [options]: how many requests with a wrong token a second a real server on
loopback takes while somebody with a token is answered in less than 100 ms (p95)
  --rates A,B     wrong tokens a second to try, rising (200,500,1000,2000,4000,8000)
  --seconds N     of each rate (5)
  --json          the figures of every rate, as JSON`;

const { values } = parseArgs({
  options: {
    rates: { type: "string", default: "200,500,1000,2000,4000,8000" },
    seconds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const limitMs = 100;
/** Requests that may be under way: whoever floods does not wait, and this is to end. */
const mostOpen = 500;
const tickMs = 10;
const betweenMs = 20;

interface Measured {
  readonly asked: number;
  /** Answers to wrong tokens in a second, and how many of all were 401 and 429. */
  readonly taken: number;
  readonly refused: number;
  readonly limited: number;
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
  /** Of the server's process, for each answer to a wrong token, in milliseconds. */
  readonly cpuMs: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const directory = await mkdtemp(join(tmpdir(), "arcadia-bench-"));
const server = await serve(environment({ ARCADIA_DATA_DIR: directory }), { log: "ignore" });
const whoAmI = new URL("/v1/token", server.url);
const flood = new Agent({ keepAlive: true, maxSockets: 50 });
const caller = new Agent({ keepAlive: true, maxSockets: 1 });
const runs: Measured[] = [];
try {
  const token = (await readFile(join(directory, "admin-token"), "utf8")).trim();
  for (let warm = 0; warm < 200; warm += 1) await ask(token, caller);
  for (const rate of values.rates.split(",").map(Number)) {
    const run = await measure(rate, Number(values.seconds), token);
    runs.push(run);
    if (!values.json) console.log(lineOf(run));
  }
} finally {
  flood.destroy();
  caller.destroy();
  await server.stop();
  await rm(directory, { recursive: true });
}
const best = runs.filter((run) => run.p95 < limitMs).toSorted((a, b) => b.taken - a.taken)[0];
if (values.json) console.log(JSON.stringify(runs, null, 2));
else
  console.log(
    best
      ? `${best.taken.toFixed(0)} wrong tokens a second are taken at a p95 of ${best.p95.toFixed(1)} ms`
      : `At each of these rates the p95 is ${limitMs} ms or more`,
  );

/** @returns the status, and how long the answer took in milliseconds */
function ask(token: string, agent: Agent): Promise<{ status: number; ms: number }> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(whoAmI, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - begun }));
    });
    sent.once("error", reject);
    sent.end();
  });
}

async function measure(rate: number, seconds: number, token: string): Promise<Measured> {
  const statuses = new Map<number, number>();
  const times: number[] = [];
  const [begun, cpu] = [performance.now(), processCost(server.pid).cpuMs];
  const end = begun + seconds * 1000;
  const guessing = guess(rate, end, (status) => statuses.set(status, (statuses.get(status) ?? 0) + 1));
  while (performance.now() < end) {
    const { status, ms } = await ask(token, caller);
    if (status !== 200) throw new Error(`The request with a token was answered ${status}`);
    times.push(ms);
    await pause(betweenMs);
  }
  await guessing;
  const spent = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const [refused, limited] = [statuses.get(401) ?? 0, statuses.get(429) ?? 0];
  return {
    asked: rate,
    taken: (refused + limited) / spent,
    refused,
    limited,
    p50: at(0.5),
    p95: at(0.95),
    worst: times.at(-1) ?? 0,
    cpuMs: (processCost(server.pid).cpuMs - cpu) / (refused + limited),
  };
}

/** Wrong tokens, each another one, at `rate` a second as far as the server keeps up, until `end`. */
async function guess(rate: number, end: number, see: (status: number) => void): Promise<void> {
  const open = new Set<Promise<void>>();
  let owed = 0;
  let count = 0;
  for (let last = performance.now(); performance.now() < end;) {
    await pause(tickMs);
    const now = performance.now();
    owed += ((now - last) / 1000) * rate;
    last = now;
    for (; owed >= 1; owed -= 1) {
      if (open.size >= mostOpen) continue;
      count += 1;
      const one = ask(`arc_${String(count).padStart(43, "x")}`, flood).then(({ status }) => see(status));
      open.add(one);
      void one.finally(() => open.delete(one));
    }
  }
  await Promise.all(open);
}

function lineOf({ asked, taken, refused, limited, p50, p95, worst, cpuMs }: Measured): string {
  const answers = `${taken.toFixed(0)} taken of ${asked} a second (${refused} × 401, ${limited} × 429)`;
  const times = `with a token p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, worst ${worst.toFixed(1)} ms`;
  return `${answers}; ${times}; ${cpuMs.toFixed(2)} ms of CPU each`;
}
