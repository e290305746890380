import { fromKysely, PgBoss } from "pg-boss";
import type { Statements, Tx } from "#db/connection.ts";
import type { Log } from "#log.ts";

const tenYears = 10 * 365 * 24 * 3600;
const schema = "pgboss";

/**
 * Queues of earlier releases, in which sagas and chores waited: their rows are their own queue now. The first names the second,
 * where its dead letters went, and has to go before it.
 */
const retired = ["saga", "saga-lost", "chores"];

/** A dead worker's wake-ups come back after a minute. Working on one twice does no harm, so the same id may. */
const keyedSettings = {
  policy: "short",
  retryLimit: 10_000,
  retryDelay: 5,
  expireInSeconds: 60,
  retentionSeconds: tenYears,
  deleteAfterSeconds: 60,
} as const;

/** What is woken, and with which others it shares what may be worked on at once. */
export interface Keyed {
  readonly key: string;
  readonly group: string;
}

/** Wake-ups by key, for work that may be begun twice. */
export interface KeyedQueue {
  /** Gives back what the dead held, and clears away what is over. Nobody does it unasked. */
  tend(): Promise<void>;
  /** Sets the key's next wake-up, pulled forward or put off; one that comes while the key is worked on is kept. */
  wake(tx: Tx, keyed: Keyed, at: Date): Promise<void>;
  /** `share`: of one group no more are worked on at once, by all workers together. */
  fetch(count: number, share: number): Promise<(Keyed & { readonly id: string })[]>;
  complete(id: string): Promise<void>;
}

export interface Queues {
  /** Wake-ups of work that is no saga's, in a queue of this name. */
  keyed(name: string): KeyedQueue;
  stop(): Promise<void>;
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
    const { policy, ...options } = keyedSettings;
    for (const name of keyedNames)
      if (existing.has(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, { policy, ...options });
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * Opens the queue, as a worker does.
 * @throws when pg-boss' schema is not the one this release was built with: run `arcadia migrate`
 */
export async function openQueue(statements: Statements, log: Log): Promise<Queues> {
  const boss = new PgBoss({
    db: adapter(statements),
    schema,
    migrate: false,
    schedule: false,
    // At rest there is nothing to see to: whoever works at it has it tended.
    supervise: false,
    monitorIntervalSeconds: 30,
    maintenanceIntervalSeconds: 300,
    warningQueueSize: 100_000,
  });
  boss.on("error", (error) => log.warn({ err: error }, "The queue met an error; it goes on"));
  boss.on("warning", (warning) => log.debug({ warning }, "The queue warns"));
  await boss.start();
  return { keyed: (name) => keyed(boss, name), stop: () => boss.stop({ graceful: false }) };
}

/** Those of releases before 0.3 are of no group. */
type WokenUp = Pick<Keyed, "key"> & Partial<Keyed>;

const keyed = (boss: PgBoss, queue: string): KeyedQueue => ({
  tend: () => boss.supervise(queue),
  async wake(tx, { key, group }, at) {
    const options = { singletonKey: key, startAfter: at, group: { id: group }, db: fromKysely(tx) };
    await boss.upsert(queue, { key, group }, options);
  },
  async fetch(count, share) {
    if (count <= 0) return [];
    const jobs = await boss.fetch<WokenUp>(queue, { batchSize: count, groupConcurrency: share });
    return jobs.map(({ id, data: { key, group = key } }) => ({ id, key, group }));
  },
  async complete(id) {
    await boss.complete(queue, id);
  },
});
