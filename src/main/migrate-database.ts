import { openDatabase } from "#db/connection.ts";
import { migrate } from "#db/migrate.ts";
import { installQueue } from "#engine/queue.ts";
import { openLog } from "#log.ts";
import { webhookQueue } from "#webhooks/runner.ts";

/** Brings a database up to this release, the queue's schema included. Returns the migrations applied now. */
export async function migrateDatabase(url: string): Promise<{ applied: string[] }> {
  const done = await migrate(url);
  const database = openDatabase(url, { log: openLog("warn"), max: 2, applicationName: "arcadia-migrate" });
  try {
    await installQueue(database.pool, [webhookQueue]);
  } finally {
    await database.close();
  }
  return done;
}
