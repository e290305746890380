import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#clock.ts";
import { readConfig } from "#config.ts";
import { openLog } from "#log.ts";
import { type DemoApi, demoApi } from "./demo/api.ts";
import { prove } from "./demo/proof.ts";
import { follow } from "./demo/progress.ts";
import { demoSimulator } from "./demo/simulator.ts";
import { serve } from "./serve.ts";

const bootMs = 3000;
const limitMs = 90_000;

/**
 * The main job before the reader's eyes: three tenants at once, the first of which goes live behind its health check,
 * and the third of which fails at DNS and rolls back. Then a new release for the first while its hostname keeps answering,
 * and one that never becomes healthy, and rolls back; then the proof, from the provider's side, of what is there and what is not.
 * @returns the exit status: 0 only if all ended as they should and nothing is left over
 */
export async function demo(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-demo-"));
  // As root, the database runs as another user, who has to get through.
  await chmod(directory, 0o711);
  const place = join(directory, "open");
  const config = readConfig({
    ARCADIA_DATA_DIR: join(directory, "data"),
    ARCADIA_POLL_SECONDS: "1",
    ARCADIA_SETTLE_SECONDS: "2",
    // The demo does not wait until what resolvers remember has run out.
    ARCADIA_DNS_DRAIN: "off",
    ARCADIA_SIM_BOOT_MS: `${bootMs}`,
    ARCADIA_LOG_LEVEL: "fatal",
    PORT: "0",
  });
  const startedAt = systemClock.now();
  const say = (line: string) => console.log(line);
  try {
    say("Starting PostgreSQL (embedded), the DigitalOcean simulator, the API and a worker ...");
    const serving = await serve(config, openLog(config.logLevel), { place, simulatorLagMs: 500 });
    try {
      const token = (await readFile(config.adminTokenFile, "utf8")).trim();
      const api = demoApi(serving.url, token, systemClock.timeout(limitMs));
      return (await play(api, demoSimulator(serving.providerUrl), startedAt, say)) ? 0 : 1;
    } finally {
      await serving.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function play(
  api: DemoApi,
  simulator: ReturnType<typeof demoSimulator>,
  startedAt: Date,
  say: (line: string) => void,
): Promise<boolean> {
  await api.ready();
  say("Ready. Provisioning three tenants, each its own droplet and its own DNS record;");
  say("acme and initech run release web-1, and DNS leads to them only once its app answers:\n");
  await api.release("web-1");
  const acme = await api.deploy("acme", "app.acme.example.com", "web-1");
  const globex = await api.deploy("globex", "app.globex.example.com");
  const watching = [acme, globex].map((it) => follow(api, it, startedAt, say));
  // The third one starts once they have booted; it reaches DNS after them, and meets the fault armed there.
  await Promise.all([acme, globex].map((it) => api.untilStepDone(it, "wait_droplet_active")));
  const initech = await api.deploy("initech", "app.initech.example.com", "web-1");
  const third = follow(api, initech, startedAt, say);
  await Promise.all([acme, globex].map((it) => api.untilStepDone(it, "point_deployment_dns")));
  await simulator.failDnsRecords();
  say("          ---  the simulator refuses DNS records from here on (a fault armed in it)");
  const [, ...others] = [...(await Promise.all(watching)), await third];
  await simulator.healDnsRecords();
  const asked = await replaceTwice(api, simulator, acme, startedAt, say);
  const ended = [await api.get(acme.id), ...others];
  return prove(ended, { ...(await simulator.state()), apps: await simulator.apps() }, asked, startedAt, say);
}

/** Asks acme's hostname all the time meanwhile. @returns what it was answered */
async function replaceTwice(
  api: DemoApi,
  simulator: ReturnType<typeof demoSimulator>,
  { id, hostname }: { readonly id: string; readonly hostname: string },
  startedAt: Date,
  say: (line: string) => void,
): Promise<readonly string[]> {
  say(`\nReplacing acme's droplet: release web-2, then web-3; ${hostname} is asked ten times a second.\n`);
  await api.release("web-2");
  await api.release("web-3");
  await simulator.neverStart("web-3");
  const answers: string[] = [];
  const over = new AbortController();
  const asking = askAllTheTime(simulator, hostname, answers, over.signal);
  try {
    for (const release of ["web-2", "web-3"]) await follow(api, await api.replace(id, release), startedAt, say);
  } finally {
    over.abort();
    await asking;
  }
  return answers;
}

async function askAllTheTime(
  simulator: ReturnType<typeof demoSimulator>,
  hostname: string,
  answers: string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    answers.push(await simulator.ask(hostname));
    await systemClock.sleep(100);
  }
}

if (import.meta.main) process.exitCode = await demo();
