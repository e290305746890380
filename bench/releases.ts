import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import pg from "pg";
import { cloneDatabase, dropDatabase, startTestServer } from "../src/proof/server.ts";
import { startSimulator } from "../src/simulator/server.ts";
import { postgresCost, processCost, transactionsOf } from "./process-cost.ts";
import { environment, serve, type Serving } from "./serving.ts";
import { openTcpDoor } from "./tcp-door.ts";

const help = `npm run bench:releases -- --against DIR [options]: what a provisioning and a removal cost in this checkout and in
another release's, interleaved, on one PostgreSQL with fsync on and against one kind of simulator
  --against DIR   a checkout of the other release, after \`npm ci\`
  --counts A,B    deployments that are asked for at once (1,10,100)
  --rounds N      runs of each (2)
  --json          the figures of every run, as JSON`;

const { values } = parseArgs({
  options: {
    against: { type: "string" },
    counts: { type: "string", default: "1,10,100" },
    rounds: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help || values.against === undefined) {
  console.log(help);
  process.exit(values.help ? 0 : 2);
}

/** Of one deployment, unless it says otherwise. */
interface Measured {
  readonly requests: number;
  readonly statements: number;
  readonly transactions: number;
  readonly nodeMs: number;
  readonly postgresMs: number;
  readonly walBytes: number;
  /** From the first request to us until the last saga had ended, of all. */
  readonly seconds: number;
}

const token = "of-the-bench-and-long-enough-for-any-release";
const releases = { other: resolve(values.against), this: fileURLToPath(new URL("..", import.meta.url)) };
const runs: (Measured & { release: string; round: number; count: number; what: string })[] = [];
const server = await startTestServer("durable", { shared_preload_libraries: "pg_stat_statements" });
try {
  for (let round = 1; round <= Number(values.rounds); round += 1)
    for (const count of values.counts.split(",").map(Number))
      for (const [release, checkout] of Object.entries(releases))
        for (const [what, measured] of Object.entries(await lifeOf(checkout, count, `bench_${release}`))) {
          runs.push({ release, round, count, what, ...measured });
          if (!values.json)
            console.log(`round ${round}, ${what} ${count}, ${release}: ${measured.seconds.toFixed(1)} s`);
        }
} finally {
  await server.stop();
}
if (values.json) console.log(JSON.stringify(runs, null, 2));
else printTable();

/** Deployments from their request to their removal, with a server and a database of their own. */
async function lifeOf(checkout: string, count: number, database: string): Promise<Record<string, Measured>> {
  const url = await cloneDatabase({ ...server, template: "template1" }, database);
  const door = await openTcpDoor(url);
  const directory = await mkdtemp(join(tmpdir(), "arcadia-bench-"));
  const simulator = await startSimulator({ domain: "arcadia.example", bootMs: 1000, rateLimits: "off" });
  const program = join(checkout, "bin/arcadia");
  const env = environment({
    DATABASE_URL: door.url,
    DIGITALOCEAN_API_URL: simulator.url,
    DIGITALOCEAN_TOKEN: "of-the-simulator",
    ARCADIA_DOMAIN: "arcadia.example",
    ARCADIA_ADMIN_TOKEN: token,
    ARCADIA_DATA_DIR: directory,
    ARCADIA_REQUESTS_PER_MINUTE: "100000",
    ARCADIA_REQUESTS_PER_HOUR: "1000000",
    // A removal that waits for no TTL, as 0.1.0 knew none; and a poll that a small number of deployments ends with.
    ARCADIA_DNS_DRAIN: "off",
    ARCADIA_DESTROYS_PER_HOUR: "10000",
    ARCADIA_POLL_SECONDS: "2",
    ARCADIA_SETTLE_SECONDS: "5",
  });
  let serving: Serving | undefined;
  try {
    await promisify(execFile)(program, ["migrate"], { env });
    serving = await serve(env, { program });
    const { pid } = serving;
    const api = `${serving.url}/v1`;
    await query(url, "create extension if not exists pg_stat_statements");
    const tenant = await call(api, "POST", "/tenants", { slug: "acme", name: "Acme" });
    await pause(3000);

    const costNow = () => costOf(pid, url, simulator.url);
    const ids: string[] = [];
    const provision = await measure(costNow, count, async () => {
      await inParallel(count, async (index) => {
        const asked = {
          tenant_id: tenant.id,
          name: `app-${index}`,
          hostname: `app-${index}.arcadia.example`,
          region: "fra1",
          size_slug: "s-1vcpu-1gb",
          image: "ubuntu-24-04-x64",
          provision: true,
        };
        ids.push((await call(api, "POST", "/deployments", asked)).id);
      });
      await allAre(url, "active", count);
    });
    const remove = await measure(costNow, count, async () => {
      await inParallel(count, async (index) => void (await call(api, "DELETE", `/deployments/${ids[index]}`)));
      await allAre(url, "terminated", count);
    });
    return { provision, remove };
  } finally {
    await serving?.stop();
    await simulator.close();
    door.close();
    await dropDatabase(server, database);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Everything used so far. */
async function costOf(pid: number, url: string, simulator: string): Promise<Measured> {
  const node = processCost(pid);
  const postgres = await postgresCost(url);
  const transactions = await transactionsOf(url);
  const [row] = await query(
    url,
    "select sum(calls) as statements from pg_stat_statements join pg_database on oid = dbid where datname = current_database()",
  );
  const state: { requests: { total: number } } = JSON.parse(await (await fetch(`${simulator}/_sim/state`)).text());
  return {
    requests: state.requests.total,
    statements: Number(row?.["statements"]),
    transactions,
    nodeMs: node.cpuMs,
    postgresMs: postgres.cpuMs,
    walBytes: postgres.walBytes,
    seconds: performance.now() / 1000,
  };
}

async function measure(costNow: () => Promise<Measured>, count: number, run: () => Promise<void>): Promise<Measured> {
  const before = await costNow();
  await run();
  const after = await costNow();
  const each = (figure: keyof Measured): number => (after[figure] - before[figure]) / count;
  return {
    requests: each("requests"),
    statements: each("statements"),
    transactions: each("transactions"),
    nodeMs: each("nodeMs"),
    postgresMs: each("postgresMs"),
    walBytes: each("walBytes"),
    seconds: after.seconds - before.seconds,
  };
}

async function call(api: string, method: string, path: string, body?: unknown): Promise<{ id: string }> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text || "{}");
}

/** Ten at a time, as a script of an operator's would. */
async function inParallel(count: number, one: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(10, count) }, async () => {
      for (let index = next++; index < count; index = next++) await one(index);
    }),
  );
}

async function allAre(url: string, status: string, count: number): Promise<void> {
  const until = Date.now() + 600_000;
  while (Date.now() < until) {
    const rows = await query(url, "select status::text, count(*)::int as n from deployments group by 1");
    if (rows.length === 1 && rows[0]?.["status"] === status && rows[0]?.["n"] === count) return;
    await pause(500);
  }
  throw new Error(`Not all of ${count} deployments became ${status} within ten minutes`);
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** The least of the rounds: what disturbs a shared machine only ever adds. */
function printTable(): void {
  const least = (of: typeof runs, figure: keyof Measured): number => Math.min(...of.map((it) => it[figure]));
  const rows = Object.fromEntries(
    [...new Set(runs.map((it) => `${it.what} ${it.count}, ${it.release}`))].map((name) => {
      const of = runs.filter((it) => `${it.what} ${it.count}, ${it.release}` === name);
      return [
        name,
        {
          "requests each": Number(least(of, "requests").toFixed(2)),
          "statements each": Math.round(least(of, "statements")),
          "transactions each": Math.round(least(of, "transactions")),
          "node ms each": Number(least(of, "nodeMs").toFixed(1)),
          "PG ms each": Number(least(of, "postgresMs").toFixed(1)),
          "WAL B each": Math.round(least(of, "walBytes")),
          "s of all": Number(least(of, "seconds").toFixed(1)),
        },
      ];
    }),
  );
  console.table(rows);
}
