import { fromKysely, PgBoss, type Queue as QueueSettings } from "pg-boss";
import type { Statements, Tx } from "#db/connection.ts";
import type { Log } from "#log.ts";
import { ring } from "./store.ts";

const tenYears = 10 * 365 * 24 * 3600;
const schema = "pgboss";

const choreSettings: QueueSettings = {
  name: "chores",
  policy: "short",
  retryLimit: 0,
  expireInSeconds: 600,
  deleteAfterSeconds: 60,
};

/**
 * Queues of earlier releases, in which sagas waited: a saga's row is its own queue now. The first names the second, where its dead
 * letters went, and has to go before it.
 */
const retired = ["saga", "saga-lost"];

/** A dead worker's wake-ups come back after a minute. Working on one twice does no harm, so the same id may. */
const keyedSettings = {
  policy: "short",
  retryLimit: 10_000,
  retryDelay: 5,
  expireInSeconds: 60,
  retentionSeconds: tenYears,
  deleteAfterSeconds: 60,
} as const;

/** Work that is nobody's saga: done once for all workers, on a schedule or on demand. */
export interface Chore {
  readonly id: string;
  readonly name: string;
}

/** Wake-ups by key, for work that may be begun twice. */
export interface KeyedQueue {
  /** Sets the key's next wake-up, pulled forward or put off; one that comes while the key is worked on is kept. */
  wake(tx: Tx, key: string, at: Date): Promise<void>;
  fetch(count: number): Promise<{ readonly id: string; readonly key: string }[]>;
  complete(id: string): Promise<void>;
}

/** Work that is done once for all workers. */
export interface ChoreQueue {
  requestChore(tx: Tx, name: string): Promise<void>;
  fetchChore(): Promise<Chore | undefined>;
  completeChore(id: string): Promise<void>;
  /** Gives a chore back, to be done from `at` on. */
  putOffChore(chore: Chore, at: Date): Promise<void>;
  /** Makes the schedules exactly these: chore name to cron line (UTC). */
  schedule(chores: ReadonlyMap<string, string>): Promise<void>;
  /** Whether the queue answers. */
  isReady(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface Queues extends ChoreQueue {
  /** Wake-ups of work that is no saga's, in a queue of this name. */
  keyed(name: string): KeyedQueue;
}

/** The result goes back as it is: pg gives one per statement, and pg-boss sends several at once. */
const adapter = (statements: Statements) => ({
  executeSql: (text: string, values?: unknown[]) => statements.query(text, values),
});

/**
 * Installs or upgrades pg-boss' own schema and our queues. Only migrations do this.
 * @param keyedNames of the queues for work that is no saga's
 */
export async function installQueue(statements: Statements, keyedNames: readonly string[]): Promise<void> {
  const boss = new PgBoss({ db: adapter(statements), schema, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  await boss.start();
  try {
    const existing = new Set((await boss.getQueues()).map((queue) => queue.name));
    for (const name of retired.filter((it) => existing.has(it))) await boss.deleteQueue(name);
    const all = [choreSettings, ...keyedNames.map((name) => ({ name, ...keyedSettings }))];
    for (const { name, policy, ...options } of all)
      if (existing.has(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, { ...(policy && { policy }), ...options });
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * Opens the queue. A worker supervises it (reclaims what dead workers held, runs the schedules); the API only wakes.
 * @throws when pg-boss' schema is not the one this release was built with: run `arcadia migrate`
 */
export async function openQueue(statements: Statements, role: "worker" | "api", log: Log): Promise<Queues> {
  const worker = role === "worker";
  const boss = new PgBoss({
    db: adapter(statements),
    schema,
    migrate: false,
    supervise: worker,
    schedule: worker,
    // What it does at an interval is for dead workers only: nothing that is asked for waits for it.
    superviseIntervalSeconds: 30,
    monitorIntervalSeconds: 30,
    maintenanceIntervalSeconds: 60,
    warningQueueSize: 100_000,
  });
  boss.on("error", (error) => log.warn({ err: error }, "The queue met an error; it goes on"));
  boss.on("warning", (warning) => log.debug({ warning }, "The queue warns"));
  await boss.start();
  return bossQueue(boss);
}

function bossQueue(boss: PgBoss): Queues {
  return {
    keyed: (name) => keyed(boss, name),
    async requestChore(tx, name) {
      await boss.send("chores", { chore: name }, { singletonKey: name, db: fromKysely(tx) });
      await ring(tx);
    },
    async fetchChore() {
      const [job] = await boss.fetch<{ chore: string }>("chores", { batchSize: 1 });
      return job && { id: job.id, name: job.data.chore };
    },
    async completeChore(id) {
      await boss.complete("chores", id);
    },
    async putOffChore({ id, name }, at) {
      // In this order: whoever dies in between has it done twice, and not never.
      await boss.send("chores", { chore: name }, { singletonKey: name, startAfter: at });
      await boss.complete("chores", id);
    },
    async schedule(chores) {
      for (const { key } of await boss.getSchedules("chores"))
        if (key && !chores.has(key)) await boss.unschedule("chores", key);
      for (const [name, cron] of chores)
        await boss.schedule("chores", cron, { chore: name }, { key: name, singletonKey: name, tz: "UTC" });
    },
    isReady: async () => (await boss.schemaVersion()) !== null,
    stop: () => boss.stop({ graceful: false }),
  };
}

const keyed = (boss: PgBoss, queue: string): KeyedQueue => ({
  async wake(tx, key, at) {
    await boss.upsert(queue, { key }, { singletonKey: key, startAfter: at, db: fromKysely(tx) });
  },
  async fetch(count) {
    if (count <= 0) return [];
    const jobs = await boss.fetch<{ key: string }>(queue, { batchSize: count });
    return jobs.map((job) => ({ id: job.id, key: job.data.key }));
  },
  async complete(id) {
    await boss.complete(queue, id);
  },
});
