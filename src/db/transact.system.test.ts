import { sql } from "kysely";
import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import type { Tx } from "./connection.ts";
import { snapshot, transact } from "./transact.ts";

/** A table to write in, and a transaction that does, after `hinder` at its first tries. */
async function setUp() {
  const database = await createTestDatabase();
  await database.pool.query("create table notes (attempt int)");
  let attempts = 0;
  return {
    ...database,
    attempts: () => attempts,
    written: async () => (await database.pool.query("select attempt from notes")).rows.map((row) => row.attempt),
    run: (hinder: (tx: Tx, attempt: number) => Promise<unknown>) =>
      transact(database.db, async (tx) => {
        attempts += 1;
        await sql`insert into notes values (${attempts})`.execute(tx);
        await hinder(tx, attempts);
        return attempts;
      }),
    [Symbol.asyncDispose]: database.close,
  };
}

const fail = (tx: Tx, code: string) =>
  sql.raw(`do $$ begin raise exception using errcode = '${code}', message = 'made up'; end $$`).execute(tx);

test.each(["40001", "40P01", "55P03"])("what PostgreSQL undid with %s is run again, and written once", async (code) => {
  await using it = await setUp();
  expect(await it.run(async (tx, attempt) => attempt < 3 && fail(tx, code))).toBe(3);
  expect(await it.written()).toEqual([3]);
});

test("four times in all, and nothing else is run again", async () => {
  await using it = await setUp();
  await expect(it.run((tx) => fail(tx, "40001"))).rejects.toMatchObject({ code: "40001" });
  expect(it.attempts()).toBe(4);
  await expect(it.run((tx) => fail(tx, "23514"))).rejects.toMatchObject({ code: "23514" });
  expect([it.attempts(), await it.written()]).toEqual([5, []]);
});

test("a connection that is lost before the commit costs nothing", async () => {
  await using it = await setUp();
  const end = (tx: Tx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
  expect(await it.run(async (tx, attempt) => attempt === 1 && end(tx))).toBe(2);
  expect(await it.written()).toEqual([2]);
});

test("one that is lost at the commit is told, for it may have committed", async () => {
  await using it = await setUp();
  await it.pool.query(`
    create function end_it() returns trigger language plpgsql as
      'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
    create constraint trigger at_commit after insert on notes deferrable initially deferred
      for each row execute function end_it()`);
  await expect(it.run(async () => undefined)).rejects.toThrow();
  expect(it.attempts()).toBe(1);
});

test("a snapshot reads at one moment, whatever commits while it does, and writes nothing", async () => {
  await using it = await setUp();
  const count = async (tx: Tx) =>
    Number((await sql<{ count: string }>`select count(*) from notes`.execute(tx)).rows[0]?.count);
  const seen = await snapshot(it.db, async (tx) => {
    const before = await count(tx);
    await it.run(async () => undefined);
    return [before, await count(tx)];
  });
  expect([seen, await it.written()]).toEqual([[0, 0], [1]]);
  await expect(snapshot(it.db, (tx) => sql`insert into notes values (7)`.execute(tx))).rejects.toMatchObject({
    code: "25006",
  });
});
