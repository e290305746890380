import { systemClock } from "#clock.ts";
import { type Config, readConfig } from "#config.ts";
import { openDatabase } from "#db/connection.ts";
import { choreQueue } from "#engine/chores.ts";
import { ring } from "#engine/store.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { runApi, openSecrets } from "#main/run-api.ts";
import type { SimulatorOptions } from "#simulator/options.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server.ts";
import type { SimulatorState } from "#simulator/simulator-state.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import { createTestDatabase } from "./database.ts";
import { brokenInvariants, type RecordLine } from "./invariants.ts";
import { startWorkerHere, type WorkerHere } from "./worker-here.ts";

export const zone = "example.com";
export const providerToken = "dop_v1_planted_in_the_test";
export const secretKey = "a secret key of the tests, 32 characters or more";

export interface StackOptions {
  /** How many workers run in this process. Default 1. */
  readonly workers?: number;
  readonly simulator?: SimulatorOptions;
  /** Settings beside those. */
  readonly env?: Record<string, string>;
  /** Seconds, as in the environment. */
  readonly timing?: {
    poll?: number;
    settle?: number;
    waitActive?: number;
    compensate?: number;
    drain?: boolean;
    gone?: number;
  };
}

/** Every timing is short, so that a whole provisioning takes about a second. */
export function settings(url: string, timing: StackOptions["timing"] = {}): Record<string, string> {
  return {
    DIGITALOCEAN_TOKEN: providerToken,
    DIGITALOCEAN_API_URL: url,
    ARCADIA_DOMAIN: zone,
    ARCADIA_SECRET_KEY: secretKey,
    ARCADIA_POLL_SECONDS: `${timing.poll ?? 0.2}`,
    ARCADIA_SETTLE_SECONDS: `${timing.settle ?? 1}`,
    ARCADIA_WAIT_ACTIVE_SECONDS: `${timing.waitActive ?? 20}`,
    ARCADIA_COMPENSATE_SECONDS: `${timing.compensate ?? 60}`,
    ARCADIA_DNS_DRAIN: timing.drain ? "on" : "off",
    ARCADIA_DNS_TTL_SECONDS: "30",
    // What the breaker holds has tests of its own.
    ARCADIA_DESTROYS_PER_HOUR: "1000000",
    ARCADIA_GONE_SECONDS: `${timing.gone ?? 600}`,
    ARCADIA_LOG_LEVEL: "debug",
    PORT: "0",
  };
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

/** The product's own parts at work in this process: a database, a provider over a socket, workers on both. */
export async function startStack(options: StackOptions = {}) {
  const database = await createTestDatabase();
  const { db, pool, runtimeUrl: url } = database;
  const lagMs = options.simulator?.lagMs ?? 200;
  const asked = { bootMs: 300, lagMs, getLagMs: lagMs, rateLimits: "off" as const, domain: zone };
  const simulatorOptions = { ...asked, ...options.simulator };
  let simulator: RunningSimulator = await startSimulator(simulatorOptions);
  const logged: string[] = [];
  const log = openLog("debug", { write: (line) => void logged.push(line) });
  const config: Config = readConfig({ ...settings(simulator.url, options.timing), ...options.env });
  const secrets = await openSecrets(config);
  const clock = systemClock;
  const ids = systemIds(clock);
  // The product has the rights that it has anywhere; db and pool look on and meddle, as the owner.
  const product = openDatabase(url, { log });
  const desk = choreQueue(product.db, clock);
  const sagas = createSagas({ clock, ids, zone, secrets });

  const control = async (method: string, path: string, body?: object): Promise<void> => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${simulator.url}/_sim/${path}`, init);
    if (!answer.ok) throw new Error(`The simulator refused: ${await answer.text()}`);
  };
  const workers: WorkerHere[] = [];
  const closings: (() => Promise<void>)[] = [];
  let truthBefore = recordLines(simulator.state());

  const stack = {
    db,
    pool,
    url,
    config,
    clock,
    ids,
    log,
    logged,
    secrets,
    sagas,
    workers: workers as readonly WorkerHere[],
    /** As POST /v1/inventory/sync asks for a sync, and cron for the others. */
    requestChore: (name: string) => db.transaction().execute((tx) => desk.requestChore(tx, name)),
    /** Another worker may take the saga over at once: nobody waits for the lease of the one that died. */
    async takeOver(sagaId: string) {
      await db.transaction().execute(async (tx) => {
        const past = new Date(Date.now() - 1);
        await tx.updateTable("sagas").set({ due_at: past }).where("id", "=", sagaId).execute();
        await ring(tx);
      });
    },
    get providerUrl() {
      return simulator.url;
    },
    /** What the provider really holds, without lag. */
    truth: (): SimulatorState => simulator.state(),
    control,
    arm: (fault: object) => control("POST", "faults", fault),
    disarm: () => control("DELETE", "faults"),
    /** One request to the provider by somebody who is not us. */
    async provider(method: string, path: string, body?: object): Promise<Response> {
      const headers = { authorization: "Bearer somebody-else" };
      return fetch(simulator.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    },
    async stopProvider() {
      await simulator.close();
    },
    async startProvider() {
      simulator = await startSimulator({ ...simulatorOptions, port: simulator.port });
    },
    async addWorker(changes: Partial<Config["provider"]> = {}): Promise<WorkerHere> {
      const provider = { ...config.provider, ...changes };
      const worker = await startWorkerHere(url, { ...config, provider }, secrets, log);
      workers.push(worker);
      return worker;
    },
    async startApi() {
      const api = await runApi({
        config,
        db: product.db,
        zone,
        hears: () => true,
        secrets,
        clock,
        ids,
        log,
      });
      closings.push(() => api.close());
      return api;
    },
    /** From now on the zone is "as before" when it is as it is now. */
    rememberRecords() {
      truthBefore = recordLines(simulator.state());
    },
    /** The rules that are broken at rest; `secretsPlanted` must be found nowhere. */
    brokenInvariants: (secretsPlanted: readonly string[] = []) =>
      brokenInvariants({
        db,
        truth: simulator.state(),
        recordsBefore: truthBefore,
        secrets: [...secretsPlanted, providerToken],
        logged,
      }),
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker.stop();
      for (const close of closings.toReversed()) await close();
      await simulator.close();
      await product.close();
      await database.close();
    },
  };
  for (let count = 0; count < (options.workers ?? 1); count += 1) await stack.addWorker();
  return stack;
}

/** The zone's records that lead somewhere, without their ids: what a rollback has to bring back. */
const recordLines = (state: SimulatorState): RecordLine[] =>
  state.domains.flatMap(({ records }) =>
    records
      .filter(({ type }) => type !== "NS" && type !== "SOA")
      .map(({ type, name, data, ttl }) => ({ type, name, data, ttl })),
  );

/** Asks again and again until the answer is something. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false | null>,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false && answer !== null) return answer;
    if (Date.now() > end) throw new Error(`In ${ms} ms: ${what} did not come about`);
    await pause(25);
  }
}

/** The first log line with this text: what a commit is followed by is told a moment after it. */
export const lineWith = ({ logged }: { readonly logged: readonly string[] }, text: string): Promise<string> =>
  until(`a line with ${text}`, async () => logged.find((line) => line.includes(text)));

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
