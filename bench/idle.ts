import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { postgresCost, processCost, transactionsOf } from "./process-cost.ts";
import { arcadia, environment, serve } from "./serving.ts";

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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const directory = await mkdtemp(join(tmpdir(), "arcadia-bench-"));
const env = environment({ ARCADIA_DATA_DIR: directory });
const seconds = Number(values.seconds);

async function helpCpuMs(): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const child = spawn("/bin/sh", ["-c", `"$0" --help > /dev/null; cat /proc/$$/stat`, arcadia], {
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

try {
  // The first start makes the database; what is measured is any other.
  await (await serve(env)).stop();
  const server = await serve(env);
  const ready = processCost(server.pid);
  const url = (await readFile(join(directory, "postgres-owner-url"), "utf8")).trim();
  await pause(Number(values.settle) * 1000);
  const [node, postgres, count] = [processCost(server.pid), await postgresCost(url), await transactionsOf(url)];
  const begun = performance.now();
  await pause(seconds * 1000);
  const took = (performance.now() - begun) / 1000;
  const [nodeThen, postgresThen, countThen] = [
    processCost(server.pid),
    await postgresCost(url),
    await transactionsOf(url),
  ];
  await server.stop();
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
