import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { openLog } from "#log.ts";
import { createDataDirectory } from "#test/data-directory.ts";
import { createTestDatabase } from "#test/database.ts";
import { openDatabase } from "./connection.ts";
import { lockDirectory } from "./embedded/lock.ts";
import { startEmbedded } from "./embedded/start.ts";

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
