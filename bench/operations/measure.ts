import type { ProofGround } from "../../src/proof/ground.ts";
import { scenarioOf } from "../../src/proof/scenario-of.ts";
import { createStage, type Stage, zone } from "../../src/proof/stage/stage.ts";
import type { ProviderCall } from "../../src/proof/stage/wire.ts";

/** As a droplet of DigitalOcean takes. */
const bootMs = 45_000;
/** How often somebody asks for the hostname. */
const askMs = 100;
const hostname = "acme";
/** Whoever does not answer by then is not to. */
const longestMs = 15 * 60_000;

/** What one operation came to. Times are of the virtual clock, in seconds. */
export interface Measured {
  readonly name: string;
  readonly status: string;
  /** All that have to do with it: not those of a sync, nor what is asked for whatever is done. */
  readonly requests: number;
  /** Those that change something; the others look, most of them while it waits. */
  readonly changing: number;
  readonly routes: Readonly<Record<string, number>>;
  readonly seconds: number;
  /**
   * For how long the hostname did not answer: who looked it up that moment, and who had looked it up at any moment of its
   * TTL before; null where it was not served before, or is not afterwards.
   */
  readonly silent: { readonly asked: number; readonly cached: number } | null;
}

/** Runs a scenario of the proofs undisturbed, beside somebody who asks for the hostname all the time. */
export async function measure({ database }: ProofGround, name: string): Promise<Measured> {
  const scenario = scenarioOf(name);
  const routes = new Map<string, number>();
  const stage = await createStage({
    database,
    seed: 1,
    bootMs,
    interfere(call) {
      const route = routeOf(call);
      if (route !== undefined) routes.set(route, (routes.get(route) ?? 0) + 1);
      return undefined;
    },
    alter: { timing: { ...scenario.timing, ttl: 300_000 } },
  });
  try {
    stage.startWorker("worker-1");
    await scenario.prepare?.(stage);
    routes.clear();
    const { scheduler, db } = stage;
    const visitor = createVisitor(stage);
    const id = await stage.perform(db.transaction().execute((tx) => scenario.start(stage, tx)));
    const began = scheduler.now();
    visitor.begin();
    await scheduler.run(stage.isQuiet);
    // Without a health check its saga does not wait for the app.
    await scheduler.run(() => visitor.isServed() || scheduler.now() > began + longestMs);
    const silent = visitor.end();
    const row = db.selectFrom("sagas").select(["status", "finished_at"]).where("id", "=", id);
    const { status, finished_at: ended } = await stage.perform(row.executeTakeFirstOrThrow());
    return {
      name,
      status,
      requests: sumOf([...routes.values()]),
      changing: sumOf([...routes].map(([route, times]) => (route.startsWith("GET") ? 0 : times))),
      routes: Object.fromEntries([...routes].toSorted(([a], [b]) => a.localeCompare(b))),
      seconds: ((ended?.getTime() ?? began) - began) / 1000,
      silent,
    };
  } finally {
    stage.scheduler.close();
  }
}

/** Asked for whatever is done: whose the account is, and what it offers. */
const beside = new Set(["/v2/account", "/v2/images", "/v2/regions", "/v2/sizes"]);

const sumOf = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0);

/** Without the ids; undefined where it has nothing to do with what is measured. */
function routeOf({ method, path, query }: ProviderCall): string | undefined {
  const route = path
    .replaceAll(/\/(?:[0-9a-f]{8}-[0-9a-f-]+|\d[\d.]*)/g, "/{id}")
    .replace(/\/domains\/[^/]+/, "/domains/{zone}")
    .replace(/\/tags\/[^/]+/, "/tags/{name}");
  const by = ["tag_name", "name"].find((name) => query.has(name));
  const isSync = method === "GET" && route === "/v2/droplets" && by === undefined;
  if (beside.has(route) || isSync) return undefined;
  return `${method} ${route}${by === undefined ? "" : `?${by}`}`;
}

/** Somebody who asks for the hostname again and again, at whatever address a resolver may have for it. */
function createVisitor({ scheduler, simulator, operator }: Stage) {
  const known = new Map<string, number>();
  let [asked, cached, wasServed, isServed, isOver] = [0, 0, false, false, false];
  const isWell = (address: string): boolean => {
    const reached = simulator.reach(address);
    return typeof reached === "object" && reached.status === 200;
  };
  const ask = (): void => {
    if (isOver) return;
    const now = scheduler.now();
    const records = simulator.state().domains.flatMap((domain) => (domain.name === zone ? domain.records : []));
    const led = records.filter((record) => record.type === "A" && record.name === hostname);
    for (const { data, ttl } of led) known.set(data, now + ttl * 1000);
    for (const [address, until] of known) if (until < now) known.delete(address);
    isServed = led.length === 1 && led.every(({ data }) => isWell(data));
    if (!isServed) asked += askMs;
    if (![...known.keys()].every(isWell)) cached += askMs;
    scheduler.at(operator, now + askMs, ask);
  };
  return {
    isServed: () => isServed,
    begin() {
      ask();
      wasServed = isServed;
    },
    end() {
      ask();
      isOver = true;
      return wasServed && isServed ? { asked: asked / 1000, cached: cached / 1000 } : null;
    },
  };
}
