import { sql } from "kysely";
import { type CommandResponse, fromKysely, PgBoss, type Queue as QueueSettings } from "pg-boss";
import { z } from "zod";
import type { Statements, Tx } from "#db/connection.ts";
import type { Log } from "#log.ts";
import type { WakeUps } from "./engine.ts";
import { Superseded } from "./failure.ts";

/** PostgreSQL channel on which workers hear that something may be ready to run. */
export const wakeChannel = "arcadia_wake";

const tenYears = 10 * 365 * 24 * 3600;
const schema = "pgboss";

/** Its least: a dead worker's sagas are handed over after this. Its jobs are touched every 2 s. */
const heartbeatSeconds = 10;

/**
 * `short` with the saga as singleton key: a wake-up that comes while the saga runs is kept, several coalesce.
 * No retries: a job reclaimed after a missed heartbeat would keep its id, and the zombie could complete the new
 * claim; as a dead letter it comes back under a new one.
 */
const settings: readonly QueueSettings[] = [
  { name: "saga-lost", retryLimit: 3, expireInSeconds: 60, retentionSeconds: tenYears, deleteAfterSeconds: 60 },
  {
    name: "saga",
    policy: "short",
    deadLetter: "saga-lost",
    retryLimit: 0,
    heartbeatSeconds,
    expireInSeconds: 23 * 3600,
    retentionSeconds: tenYears,
    deleteAfterSeconds: 60,
  },
  { name: "chores", policy: "short", retryLimit: 0, expireInSeconds: 600, deleteAfterSeconds: 60 },
];

/** A dead worker's wake-ups come back after a minute. Working on one twice does no harm, so the same id may. */
const keyedSettings = {
  policy: "short",
  retryLimit: 10_000,
  retryDelay: 5,
  expireInSeconds: 60,
  retentionSeconds: tenYears,
  deleteAfterSeconds: 60,
} as const;

/** A wake-up in a worker's hands. */
export interface Job {
  readonly id: string;
  readonly sagaId: string;
  /** When the saga asked to be woken. */
  readonly dueAt: Date;
}

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

export interface SagaQueue extends WakeUps {
  fetch(count: number): Promise<Job[]>;
  /** Wake-ups whose worker died; each is worth a fresh one. */
  fetchLost(): Promise<Job[]>;
  completeLost(tx: Tx, jobId: string): Promise<void>;
  /** Keeps wake-ups in our hands; returns the ids that are not ours any more. */
  touch(jobIds: readonly string[]): Promise<string[]>;
  /** Of these sagas, the ones that no wake-up is queued or running for. */
  withoutWakeUp(tx: Tx, sagaIds: readonly string[]): Promise<string[]>;
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

export interface Queues extends SagaQueue {
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
    const all = [...settings, ...keyedNames.map((name) => ({ name, ...keyedSettings }))];
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
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    maintenanceIntervalSeconds: 60,
    warningQueueSize: 100_000,
  });
  boss.on("error", (error) => log.warn({ err: error }, "The queue met an error; it goes on"));
  boss.on("warning", (warning) => log.debug({ warning }, "The queue warns"));
  await boss.start();
  return bossQueue(boss);
}

/** pg-boss 12.34 answers { jobs, requested, affected } and types it as {}. */
const commandAnswer = z.object({ affected: z.int() });
const affectedBy = (answer: CommandResponse): number => commandAnswer.parse(answer).affected;

function bossQueue(boss: PgBoss): Queues {
  const jobsOf = async (queue: string, count: number): Promise<Job[]> => {
    const jobs = await boss.fetch<{ saga_id: string }>(queue, { batchSize: count, includeMetadata: true });
    return jobs.map((job) => ({ id: job.id, sagaId: job.data.saga_id, dueAt: job.startAfter }));
  };
  const completeOne = async (tx: Tx, queue: string, jobId: string, sagaId: string) => {
    if (affectedBy(await boss.complete(queue, jobId, null, { db: fromKysely(tx) })) !== 1) throw new Superseded(sagaId);
  };
  return {
    keyed: (name) => keyed(boss, name),
    async wake(tx, sagaId, at) {
      // An upsert pulls a queued later wake-up forward; a plain send would be swallowed by it.
      const options = { singletonKey: sagaId, startAfter: at, db: fromKysely(tx) };
      await boss.upsert("saga", { saga_id: sagaId }, options);
      // A hint for now; a later wake-up is found by polling. The database's clock is good enough for a hint.
      await sql`select pg_notify(${wakeChannel}, '') where ${at}::timestamptz <= clock_timestamp()`.execute(tx);
    },
    complete: (tx, sagaId, jobId) => completeOne(tx, "saga", jobId, sagaId),
    fetch: (count) => jobsOf("saga", count),
    fetchLost: () => jobsOf("saga-lost", 100),
    async completeLost(tx, jobId) {
      await boss.complete("saga-lost", jobId, null, { db: fromKysely(tx) });
    },
    async touch(jobIds) {
      if (jobIds.length === 0) return [];
      if (affectedBy(await boss.touch("saga", [...jobIds])) === jobIds.length) return [];
      const each = await Promise.all(
        jobIds.map(async (id) => ({ id, mine: affectedBy(await boss.touch("saga", id)) })),
      );
      return each.filter(({ mine }) => mine === 0).map(({ id }) => id);
    },
    async withoutWakeUp(tx, sagaIds) {
      if (sagaIds.length === 0) return [];
      const { rows } = await sql<{ singleton_key: string }>`
        select distinct singleton_key from ${sql.id(schema)}.job
        where name = 'saga' and state < 'completed' and singleton_key = any(${[...sagaIds]})
      `.execute(tx);
      const woken = new Set(rows.map((row) => row.singleton_key));
      return sagaIds.filter((id) => !woken.has(id));
    },
    async requestChore(tx, name) {
      await boss.send("chores", { chore: name }, { singletonKey: name, db: fromKysely(tx) });
      await sql`select pg_notify(${wakeChannel}, '')`.execute(tx);
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
