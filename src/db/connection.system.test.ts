import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { openLog } from "#log.ts";
import { startBlackHole } from "#test/black-hole.ts";
import { createDataDirectory } from "#test/data-directory.ts";
import { createTestDatabase } from "#test/database.ts";
import { openDatabase } from "./connection.ts";
import { lockDirectory } from "./embedded/lock.ts";
import { startEmbedded } from "./embedded/start.ts";
import { listen } from "./listener.ts";
import { isLost, isUnreachable } from "./violation.ts";

test("int8 and numeric arrive as numbers, timestamps as dates, jsonb as data", async () => {
  await using database = await createTestDatabase();
  const { rows } = await database.pool.query(
    `select 9007199254740991::int8 as big, 1.25::numeric as amount, '2026-11-22T02:00:00Z'::timestamptz as at,
      '[1, {"a": null}]'::jsonb as list`,
  );
  const at = new Date("2026-11-22T02:00:00Z");
  expect(rows).toEqual([{ big: 9007199254740991, amount: 1.25, at, list: [1, { a: null }] }]);
});

test("a database restart breaks the idle connections, and neither the process nor the next query", async () => {
  await using directory = await createDataDirectory();
  const options = { log: openLog("error"), clock: systemClock, place: directory.place };
  const lock = lockDirectory(directory.path);
  const before = await startEmbedded({ ...options, lock });
  const lines: string[] = [];
  const log = openLog("warn", { write: (line) => lines.push(line) });
  const { pool, close } = openDatabase(before.url, { log });
  await pool.query("select 1");
  await before.stop();
  await expect.poll(() => lines.join()).toContain("idle database connection broke");
  await expect(pool.query("select 1")).rejects.toMatchObject({ code: "ENOENT", syscall: "connect" });
  await startEmbedded({ ...options, lock });
  expect((await pool.query("select 2 as two")).rows).toEqual([{ two: 2 }]);
  await close();
  lock.release();
});

test("connections that are lost without a word are broken and replaced, and the listener's is", async () => {
  await using database = await createTestDatabase();
  await using line = await startBlackHole(database.runtimeUrl);
  const log = openLog("silent");
  const lost = openDatabase(line.url, { log, max: 2, silentMs: 200 });
  const { promise: heard, resolve: hear } = Promise.withResolvers<string>();
  let connected = 0;
  const listener = listen({
    url: line.url,
    statements: lost.statements,
    channels: ["told"],
    clock: systemClock,
    log,
    silentMs: 200,
    onMessage: (_channel, payload) => hear(payload),
    onConnected: () => (connected += 1),
  });
  const ask = () => lost.db.selectFrom("provider").select("status").execute();
  await Promise.all([ask(), ask()]);
  await expect.poll(() => connected).toBe(1);

  line.swallow();
  const answers = await Promise.allSettled([ask(), lost.pool.query("select 1")]);
  for (const answer of answers) {
    const error = answer.status === "rejected" ? answer.reason : undefined;
    expect([isLost(error), isUnreachable(error)]).toEqual([true, true]);
  }
  expect(await ask()).toHaveLength(1);
  await expect.poll(() => connected, { timeout: 10_000 }).toBe(2);
  await database.pool.query("select pg_notify('told', 'again')");
  expect(await heard).toBe("again");

  line.swallow();
  await Promise.all([listener.close(), lost.close()]);
});
