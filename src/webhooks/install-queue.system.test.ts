import { PgBoss } from "pg-boss";
import { expect, test } from "vitest";
import { migrateDatabase } from "#main/migrate-database.ts";
import { createTestDatabase } from "#test/database.ts";

/** As 0.1.0 made them: the dead letters' first, since the other names it. */
const of010 = [
  { name: "saga-lost", retryLimit: 3, expireInSeconds: 60, deleteAfterSeconds: 60 },
  { name: "saga", policy: "short", deadLetter: "saga-lost", retryLimit: 0, heartbeatSeconds: 10 },
  { name: "chores", policy: "short", retryLimit: 0, expireInSeconds: 600, deleteAfterSeconds: 60 },
] as const;

test("the queues in which 0.1.0 had its sagas and chores are gone after an upgrade, with what waited there", async () => {
  await using database = await createTestDatabase();
  const boss = new PgBoss({ connectionString: database.url, schema: "pgboss", supervise: false, schedule: false });
  await boss.start();
  try {
    for (const { name, ...settings } of of010) await boss.createQueue(name, settings);
    await boss.send("saga", {}, { singletonKey: "of a saga", startAfter: 3600 });
    await boss.send("saga-lost", {});
    await migrateDatabase(database.url);
    expect((await boss.getQueues()).map(({ name }) => name).toSorted()).toEqual(["webhooks"]);
  } finally {
    await boss.stop({ graceful: false });
  }
});
