import { sql } from "kysely";
import pg from "pg";
import { columnTypes } from "../../src/db/connection.ts";
import { remove } from "../../src/operations/delete-deployment.ts";
import { cloneDatabase, dropDatabase, type TestServer } from "../../src/proof/server.ts";
import { deploy } from "../../src/proof/deploy.ts";
import { openProofDatabase } from "../../src/proof/stage/database.ts";
import { faultAt } from "../../src/proof/matrix/faults.ts";
import { createStage, secrets, type Stage } from "../../src/proof/stage/stage.ts";
import type { ProviderCall } from "../../src/proof/stage/wire.ts";
import { standingAccount, writeStanding } from "./standing.ts";

const start = Date.parse("2026-11-01T12:01:00Z");
/** As a droplet of DigitalOcean takes. */
const bootMs = 45_000;
const workers = 2;
/** Of each worker: the product's default. */
const slots = 50;
/** Until the workers have met the account and read its catalogue. */
const warmMs = 58_000;
const longestMs = 12 * 3_600_000;

/** What a load came to. Times are of the virtual clock, in seconds. */
export interface Measured {
  readonly count: number;
  readonly requests: Readonly<Record<string, number>>;
  /** All but the sync's, which comes every quarter of an hour whatever is asked for. */
  readonly total: number;
  readonly each: number;
  readonly seconds: number;
  readonly refused: number;
  /** The most sagas at any moment that had changed something at the provider and were not done. */
  readonly mostBegun: number;
  readonly events: number;
  readonly warnings: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of this process, in seconds: what the machine took for it. */
  readonly cpu: number;
}

export interface World {
  readonly stage: Stage;
  /** Breaks what is asked from now on; undefined mends it. */
  trouble(kind: "hang" | "error" | undefined): void;
  /** Answers the next request with this Retry-After, in seconds. */
  refuseOnce(retryAfter: number): void;
  deploy(count: number, name: string): Promise<string[]>;
  remove(deployments: readonly string[]): Promise<void>;
  /** Lets so much virtual time pass. */
  pass(ms: number): Promise<void>;
  /** Runs what `ask` asks for to its end. */
  measure(count: number, ask: () => Promise<void>, isOver?: () => Promise<boolean>): Promise<Measured>;
  /** All deployments that are active. */
  active(): Promise<string[]>;
}

/** A world on virtual time with so many deployments standing there, and two workers. */
export async function withWorld<T>(
  server: TestServer,
  standing: number,
  use: (world: World) => Promise<T>,
): Promise<T> {
  const name = `bench_fleet_${process.pid}`;
  const url = await cloneDatabase(server, name);
  const client = new pg.Client({ connectionString: url, types: columnTypes, pipeline: true });
  await client.connect();
  const database = await openProofDatabase(client);
  await database.reset();
  await writeStanding(client, standing, start);
  let stage: Stage | undefined;
  try {
    const calls = createCalls();
    stage = await createStage({
      database,
      leftBehind: { at: start, account: standingAccount(standing, start) },
      seed: 1,
      bootMs,
      slots,
      dropletLimit: 1_000_000,
      interfere: calls.interfere,
    });
    const world = worldOf(stage, calls);
    for (let nth = 1; nth <= workers; nth += 1) stage.startWorker(`worker-${nth}`);
    await world.pass(warmMs);
    return await use(world);
  } finally {
    stage?.scheduler.close();
    await client.end();
    await dropDatabase(server, name);
  }
}

function createCalls() {
  const counts = new Map<string, number>();
  let refused = 0;
  let broken: "hang" | "error" | undefined;
  let retryAfter: number | undefined;
  return {
    counts,
    refusedSoFar: () => refused,
    trouble: (kind: "hang" | "error" | undefined) => void (broken = kind),
    refuseOnce: (seconds: number) => void (retryAfter = seconds),
    interfere(call: ProviderCall) {
      const kind = kindOf(call);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const seconds = retryAfter;
      retryAfter = undefined;
      if (broken) return faultAt(broken, call);
      return {
        async bend(answer: Response) {
          if (seconds !== undefined) return tooMany(seconds);
          if (answer.status === 429) refused += 1;
          return answer;
        },
      };
    },
  };
}

const tooMany = (seconds: number): Response => {
  const headers = { "content-type": "application/json", "retry-after": `${seconds}`, "ratelimit-remaining": "0" };
  return new Response('{"id":"too_many_requests","message":"API Rate limit exceeded."}', { status: 429, headers });
};

/** What a request is for. */
function kindOf({ method, path, query }: ProviderCall): string {
  const route = path.replace(/\/(\d+)/g, "/{id}").replace(/\/domains\/[^/]+/, "/zone");
  if (route === "/v2/droplets" && method === "GET") {
    if (query.get("tag_name")?.startsWith("arcadia-install-")) return "fleet look";
    return query.has("tag_name") || query.has("name") ? "find droplet" : "sync";
  }
  if (route === "/v2/zone/records" && method === "GET") return query.has("name") ? "find record" : "zone look";
  return `${method} ${route.replace("/v2/", "")}`;
}

function worldOf(stage: Stage, calls: ReturnType<typeof createCalls>): World {
  const { scheduler, db } = stage;
  const warnings = (): number => stage.logged.filter((line) => line.startsWith('{"level":40')).length;
  const events = async (): Promise<number> => {
    const row = await stage.perform(
      db
        .selectFrom("saga_events")
        .select((select) => select.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow(),
    );
    return row.count;
  };
  return {
    stage,
    trouble: calls.trouble,
    refuseOnce: calls.refuseOnce,
    async deploy(count, name) {
      const sagas: string[] = [];
      for (let nth = 0; nth < count; nth += 1) {
        sagas.push(await db.transaction().execute((tx) => deploy(stage, tx, `${name}-${nth}`)));
        // As autovacuum would, which is off here: what is planned for a few sagas is not for thousands.
        if (nth % 500 === 499) await sql`analyze`.execute(db);
      }
      return sagas;
    },
    async remove(deployments) {
      for (const id of deployments)
        await db.transaction().execute(async (tx) => {
          await remove(tx, stage.sagas, id, {
            tenantId: null,
            now: new Date(scheduler.now()),
            destroysPerHour: Infinity,
          });
        });
    },
    async pass(ms) {
      const until = scheduler.now() + ms;
      // Something has to happen then, or time would not come to it.
      scheduler.at(stage.operator, until, () => undefined);
      await scheduler.run(() => scheduler.now() >= until);
    },
    async measure(count, ask, isOver) {
      const before = new Map(calls.counts);
      const [refused, warned, told, cpu] = [calls.refusedSoFar(), warnings(), await events(), process.cpuUsage()];
      const began = scheduler.now();
      await stage.perform(ask());
      await untilOver(stage, began, isOver);
      const used = process.cpuUsage(cpu);
      const requests: Record<string, number> = {};
      for (const [kind, times] of calls.counts) {
        const more = times - (before.get(kind) ?? 0);
        if (more > 0) requests[kind] = more;
      }
      const total = Object.entries(requests).reduce((sum, [kind, times]) => (kind === "sync" ? sum : sum + times), 0);
      const sagas = await stage.perform(
        db.selectFrom("sagas").select(["status", "finished_at"]).where("created_at", ">=", new Date(began)).execute(),
      );
      const statuses: Record<string, number> = {};
      for (const { status } of sagas) statuses[status] = (statuses[status] ?? 0) + 1;
      const last = Math.max(began, ...sagas.map(({ finished_at }) => finished_at?.getTime() ?? 0));
      return {
        count,
        requests,
        total,
        each: total / count,
        seconds: (last - began) / 1000,
        refused: calls.refusedSoFar() - refused,
        mostBegun: await mostBegun(stage, new Date(began)),
        events: (await events()) - told,
        warnings: warnings() - warned,
        statuses,
        cpu: (used.user + used.system) / 1e6,
      };
    },
    async active() {
      const query = db.selectFrom("deployments").select("id").where("status", "=", "active").orderBy("id");
      return (await stage.perform(query.execute())).map(({ id }) => id);
    },
  };
}

async function untilOver(stage: Stage, began: number, isOver?: () => Promise<boolean>): Promise<void> {
  const { scheduler } = stage;
  const isLate = (): boolean => scheduler.now() > began + longestMs;
  if (!isOver) return scheduler.run(async () => (await stage.isQuiet()) || isLate());
  while (!(await stage.perform(isOver())) && !isLate()) {
    const until = scheduler.now() + 1000;
    scheduler.at(stage.operator, until, () => undefined);
    await scheduler.run(() => scheduler.now() >= until);
  }
}

async function mostBegun(stage: Stage, since: Date): Promise<number> {
  const rows = await stage.perform(
    stage.db
      .selectFrom("provider_requests as asked")
      .innerJoin("sagas", "sagas.id", "asked.saga_id")
      .select((select) => ["sagas.finished_at", select.fn.min("asked.at").as("begun_at")])
      .where("sagas.created_at", ">=", since)
      .where("asked.method", "!=", "GET")
      .groupBy(["sagas.id", "sagas.finished_at"])
      .execute(),
  );
  const moments = rows.flatMap(({ begun_at, finished_at }) => [
    { at: new Date(begun_at).getTime(), by: 1 },
    { at: finished_at?.getTime() ?? Infinity, by: -1 },
  ]);
  let open = 0;
  let most = 0;
  for (const { by } of moments.toSorted((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (open += by));
  return most;
}

/** Somebody else who uses our token: so many requests a minute, one after the other, for as long as the stage goes on. */
export function addConsumer({ stage }: World, perMinute: number): () => { asked: number; refused: number } {
  const { scheduler, simulator, operator } = stage;
  let asked = 0;
  let refused = 0;
  const request = { method: "GET", path: "/v2/account", headers: { authorization: `Bearer ${secrets.token}` } };
  const ask = (): void => {
    asked += 1;
    void simulator.handle(request).then((answer) => {
      if (typeof answer === "object" && answer.status === 429) refused += 1;
    });
    scheduler.at(operator, scheduler.now() + 60_000 / perMinute, ask);
  };
  ask();
  return () => ({ asked, refused });
}
