import { openDatabase } from "#db/connection.ts";
import { assertFit } from "#db/fitness.ts";
import { migrate } from "#db/migrate.ts";
import { admitRuntime } from "#db/runtime-role.ts";
import { connecting } from "#db/unusable.ts";
import { violatedUnique } from "#db/violation.ts";
import { installQueue } from "#webhooks/queue.ts";
import { openLog } from "#log.ts";
import { webhookQueue } from "#webhooks/runner.ts";

/**
 * Brings a database up to this release, the queue's schema included, as the role of `url`.
 * @param runtimeUrl what servers and workers connect with, when that is another role
 * @returns the migrations applied now
 */
export async function migrateDatabase(url: string, runtimeUrl: string = url): Promise<{ applied: string[] }> {
  const done = await migrate(url);
  const database = openDatabase(url, { log: openLog("warn"), max: 2, applicationName: "arcadia-migrate" });
  const install = () => installQueue(database.statements, [webhookQueue]);
  try {
    await connecting(url, () => assertFit(database.statements, "use"));
    // Of two that install it at once, one may run into the other's rows: the next time it finds all there.
    await install().catch((error: unknown) => {
      if (violatedUnique(error) === undefined) throw error;
      return install();
    });
  } finally {
    await database.close();
  }
  if (runtimeUrl !== url) await admitRuntime(url, runtimeUrl);
  return done;
}
