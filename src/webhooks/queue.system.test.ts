import { expect, test } from "vitest";
import { openDatabase } from "#db/connection.ts";
import { openLog } from "#log.ts";
import { createTestDatabase } from "#test/database.ts";
import { openQueue } from "./queue.ts";

test("what a worker held that died comes back once the queue is tended, and not before", async () => {
  await using made = await createTestDatabase();
  const database = openDatabase(made.runtimeUrl, { log: openLog("error") });
  const queue = await openQueue(database.statements, openLog("error"));
  try {
    const lanes = queue.keyed("webhooks");
    await database.db.transaction().execute((tx) => lanes.wake(tx, { key: "a lane", group: "a tenant" }, new Date()));
    expect(await lanes.fetch(10, 10)).toMatchObject([{ key: "a lane" }]);
    await lanes.tend();
    expect(await lanes.fetch(10, 10)).toEqual([]);
    // Nobody was heard of for longer than a worker may be silent, nor was the queue tended meanwhile.
    await made.pool.query("update pgboss.job set started_on = started_on - interval '2 minutes'");
    await made.pool.query("update pgboss.queue set monitor_on = null, monitor_claim_on = null");
    expect(await lanes.fetch(10, 10)).toEqual([]);
    await lanes.tend();
    await made.pool.query("update pgboss.job set start_after = now()");
    expect(await lanes.fetch(10, 10)).toMatchObject([{ key: "a lane" }]);
  } finally {
    await queue.stop();
    await database.close();
  }
});
