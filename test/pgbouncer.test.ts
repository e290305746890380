import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompiledQuery } from "kysely";
import { expect, inject, test } from "vitest";
import { readConfig } from "#config.ts";
import { openDatabase } from "#db/connection.ts";
import { openLog } from "#log.ts";
import { backUp } from "#main/backup.ts";
import { migrateDatabase } from "#main/migrate-database.ts";
import { hasPgbouncer, startPgbouncer } from "./pgbouncer.ts";
import { exercise, serveOn } from "./served.ts";
import { until } from "./stack.ts";
import { administer, dropDatabase } from "./test-server.ts";

const server = inject("testServer");

if (!hasPgbouncer) console.log("pgbouncer is not installed here: what goes through it is not tested");

test.skipIf(!hasPgbouncer).each(["transaction", "session"] as const)(
  "all works through pgbouncer in %s mode",
  async (mode) => {
    await using pooler = await startPgbouncer(server.adminUrl, mode);
    const name = `pooled_${mode}_${process.pid}`;
    await administer(server, `create database ${name}`);
    const direct = Object.assign(new URL(server.adminUrl), { pathname: `/${name}` }).href;
    const url = pooler.through(direct);
    const directory = await mkdtemp(join(tmpdir(), "arcadia-pooled-"));
    try {
      for (const setting of [
        "datestyle = 'SQL, DMY'",
        "default_transaction_isolation = serializable",
        "search_path = ''",
      ])
        await administer(server, `alter database ${name} set ${setting}`);
      // Several at once: the lock that keeps them apart holds through a pooler as well.
      await Promise.all([migrateDatabase(url), migrateDatabase(url)]);
      await using served = await serveOn(url);
      await exercise(served);
      const notifications = () => served.get("GET", "/readyz").then(({ body }) => body.notifications);
      if (mode === "session") {
        await until("notifications", async () => (await notifications()).ok);
      } else {
        await until("the log to say it", async () =>
          served.logged.some((line) => line.includes("pooler in transaction mode")),
        );
        expect(await notifications()).toEqual({
          ok: false,
          reason: "they do not arrive; changes are found by polling",
        });
      }
      const config = readConfig({ DATABASE_URL: url, ARCADIA_DATA_DIR: directory });
      expect((await backUp({ config, file: join(directory, "backup") })).rows).toBeGreaterThan(50);
    } finally {
      await dropDatabase(server, name);
      await rm(directory, { recursive: true });
    }
  },
);

test.skipIf(!hasPgbouncer)("each statement and transaction has our settings, whoever set what before", async () => {
  await using pooler = await startPgbouncer(server.adminUrl, "transaction");
  const name = `mixed_${process.pid}`;
  await administer(server, `create database ${name}`);
  const url = pooler.through(Object.assign(new URL(server.adminUrl), { pathname: `/${name}` }).href);
  const database = openDatabase(url, { log: openLog("silent") });
  try {
    const read = async (): Promise<unknown[]> => {
      const text = "select current_setting('transform_null_equals') as nulls, current_setting('lock_timeout') as lock";
      const alone = await database.statements.query(text);
      const within = await database.db.transaction().execute((tx) => tx.executeQuery(CompiledQuery.raw(text)));
      return [alone.rows[0], within.rows[0]];
    };
    const ours = { nulls: "off", lock: "0" };
    expect(await read()).toEqual([ours, ours]);
    expect(database.isPooled()).toBe(true);
    // Another program on the same server processes leaves its settings behind.
    await database.pool.query("set transform_null_equals = on; set lock_timeout = '1ms'");
    expect(await read()).toEqual([ours, ours]);
  } finally {
    await database.close();
    await dropDatabase(server, name);
  }
});
