import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { postgresCost, processCost } from "./process-cost.ts";

const help = `npm run bench:idle -- [options]: what \`arcadia serve\`, with its embedded database and simulator, costs while nothing
is asked of it, what its start costs, and what \`arcadia --help\` does
  --seconds N     of rest (60)
  --settle N      seconds from its start to the rest (20)
  --json          the figures, as JSON`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    settle: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const program = fileURLToPath(new URL("../bin/arcadia", import.meta.url));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const directory = await mkdtemp(join(tmpdir(), "arcadia-bench-"));
const seconds = Number(values.seconds);

async function helpCpuMs(): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const child = spawn("/bin/sh", ["-c", `"$0" --help > /dev/null; cat /proc/$$/stat`, program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    for await (const piece of child.stdout.setEncoding("utf8")) said += String(piece);
    // Of the shell, fields 16 and 17: what its children that have ended took.
    const line = said.trim().split("\n").at(-1) ?? "";
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    runs.push((Number(fields[13]) + Number(fields[14])) * 10);
  }
  return Math.min(...runs);
}

async function startServer() {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const env = { ...inherited, ARCADIA_DATA_DIR: directory, PORT: "0", HOST: "127.0.0.1", ARCADIA_LOG_LEVEL: "warn" };
  const child = spawn(program, ["serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const piece of child.stdout.setEncoding("utf8")) {
    said += String(piece);
    if (/is ready on http:/.test(said) && child.pid !== undefined) return { child, pid: child.pid };
  }
  throw new Error(`arcadia serve ended before it was ready: ${said}`);
}

async function stop({ child }: { child: ReturnType<typeof spawn> }): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** Transactions of the database, without ours. */
async function transactions(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_stat_force_next_flush()");
    const { rows } = await client.query<{ count: string }>(
      "select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()",
    );
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}

try {
  // The first start makes the database; what is measured is any other.
  await stop(await startServer());
  const server = await startServer();
  const ready = processCost(server.pid);
  const url = (await readFile(join(directory, "postgres-owner-url"), "utf8")).trim();
  await pause(Number(values.settle) * 1000);
  const [node, postgres, count] = [processCost(server.pid), await postgresCost(url), await transactions(url)];
  const begun = performance.now();
  await pause(seconds * 1000);
  const took = (performance.now() - begun) / 1000;
  const [nodeThen, postgresThen, countThen] = [
    processCost(server.pid),
    await postgresCost(url),
    await transactions(url),
  ];
  await stop(server);
  const figures = {
    "ready, s of CPU": ready.cpuMs / 1000,
    "resident MB": nodeThen.megabytes,
    // Those that measure are a handful.
    "transactions a second": (countThen - count - 4) / took,
    "WAL MB a day": ((postgresThen.walBytes - postgres.walBytes) / took) * 0.0864,
    "% of a core, node": (nodeThen.cpuMs - node.cpuMs) / took / 10,
    "% of a core, PostgreSQL": (postgresThen.cpuMs - postgres.cpuMs) / took / 10,
    "arcadia --help, s of CPU": (await helpCpuMs()) / 1000,
  };
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else
    console.table(Object.fromEntries(Object.entries(figures).map(([what, value]) => [what, Number(value.toFixed(2))])));
} finally {
  await rm(directory, { recursive: true, force: true });
}
