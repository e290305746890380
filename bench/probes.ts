import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { systemClock as clock } from "../src/clock.ts";
import { openDatabase } from "../src/db/connection.ts";
import { systemIds } from "../src/ids.ts";
import { openLog } from "../src/log.ts";
import { createAsk } from "../src/probes/ask.ts";
import { createProber } from "../src/probes/prober.ts";
import { beginProbes } from "../src/probes/queries.ts";
import { probeRounds } from "../src/probes/rounds.ts";
import { cloneDatabase, startTestServer } from "../test/test-server.ts";
import { postgresCost } from "./process-cost.ts";

const help = `npm run bench:probes -- [options]: what it costs one worker to ask each active deployment every minute
whether it is well; the droplets are those of a simulator in a process of its own
  --deployments N   active ones with a health check (1000)
  --seconds N       how long they are asked (60)
  --protocol P      http, https or tcp (http)`;

const { values } = parseArgs({
  options: {
    deployments: { type: "string", default: "1000" },
    seconds: { type: "string", default: "60" },
    protocol: { type: "string", default: "http" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const [count, seconds] = [Number(values.deployments), Number(values.seconds)];
const simulator = await startSimulator();
const server = await startTestServer();
const url = await cloneDatabase(server, "probes");
const log = openLog("warn");
const database = openDatabase(url, { log, max: 4 });
const { db } = database;
const ids = systemIds(clock);
try {
  await writeFleet(await makeDroplets(count));
  await beginProbes(db, clock.now());
  const ask = createAsk({ clock, proxy: new URL(simulator.url) });
  let [asked, healthy] = [0, 0];
  const prober = createProber({
    clock,
    async ask(...given) {
      asked += 1;
      const answer = await ask(...given);
      if (answer.kind === "healthy") healthy += 1;
      return answer;
    },
  });
  const ending = new AbortController();
  const [cpu, postgres, begun] = [process.cpuUsage(), await postgresCost(url), Date.now()];
  const rounds = probeRounds({ db, clock, log, prober, onChange: async () => undefined }, ending.signal);
  await clock.sleep(seconds * 1000);
  ending.abort();
  await rounds;
  const wall = Date.now() - begun;
  const used = process.cpuUsage(cpu);
  const worker = (used.user + used.system) / 1000;
  const inPostgres = (await postgresCost(url)).cpuMs - postgres.cpuMs;
  const share = (ms: number): string => `${((ms / wall) * 100).toFixed(1)} % of a core`;
  console.log(
    `${count} deployments by ${values.protocol}: ${asked} asked in ${(wall / 1000).toFixed(0)} s, ${healthy} healthy; ` +
      `the worker took ${share(worker)} (${(worker / asked).toFixed(2)} ms each), PostgreSQL ${share(inPostgres)}`,
  );
} finally {
  await database.close();
  await server.stop();
  simulator.stop();
}

async function startSimulator() {
  const program = fileURLToPath(new URL("../bin/arcadia", import.meta.url));
  const options = ["--calm", "--boot-ms", "0", "--app-start-ms", "0", "--rate-limits", "off"];
  const child = spawn(program, ["simulate", "--port", "0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0];
  if (found === undefined) throw new Error(`The simulator says: ${String(line)}`);
  return { url: found, stop: () => void child.kill() };
}

interface Made {
  readonly id: number;
  readonly address: string;
}

/** Ten to a request, as many as DigitalOcean takes at once. */
async function makeDroplets(wanted: number): Promise<Made[]> {
  const headers = { authorization: "Bearer any", "content-type": "application/json" };
  const size = { region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };
  for (let made = 0; made < wanted; made += 10) {
    const names = Array.from({ length: Math.min(10, wanted - made) }, (_, at) => `app-${made + at}`);
    const answer = await fetch(`${simulator.url}/v2/droplets`, {
      method: "POST",
      headers,
      body: JSON.stringify({ names, ...size }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
  const state = (await (await fetch(`${simulator.url}/_sim/state`)).json()) as {
    droplets: { id: number; public_ipv4: string }[];
  };
  return state.droplets.map((it) => ({ id: it.id, address: it.public_ipv4 }));
}

async function writeFleet(droplets: readonly Made[]): Promise<void> {
  const now = clock.now();
  const times = { created_at: now, updated_at: now };
  const tenant = ids.uuid();
  await db
    .insertInto("tenants")
    .values({ id: tenant, slug: "bench", name: "bench", ...times })
    .execute();
  const check = JSON.stringify({
    protocol: values.protocol,
    port: 80,
    interval_seconds: 5,
    timeout_seconds: 3,
    healthy_after: 2,
    unhealthy_after: 3,
    deadline_seconds: 600,
  });
  const spec = { region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };
  const rows = droplets.map((droplet) => ({ droplet, id: ids.uuid() }));
  for (let from = 0; from < rows.length; from += 500) {
    const some = rows.slice(from, from + 500);
    await db
      .insertInto("deployments")
      .values(
        some.map(({ id, droplet }) => ({
          id,
          tenant_id: tenant,
          name: `app-${droplet.id}`,
          hostname: `app-${droplet.id}.example.com`,
          ...spec,
          status: "active" as const,
          health_check: check,
          ...times,
        })),
      )
      .execute();
    await db
      .insertInto("cloud_resources")
      .values(
        some.map(({ id, droplet }) => ({
          id: ids.uuid(),
          provider_id: droplet.id,
          name: `app-${droplet.id}`,
          status: "active",
          ...spec,
          public_ipv4: droplet.address,
          managed: true,
          deployment_id: id,
          tenant_id: tenant,
          first_seen_at: now,
          last_seen_at: now,
        })),
      )
      .execute();
  }
}
