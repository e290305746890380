import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { closing, opening, prepared } from "./prepared.ts";

const bePatient = opening("set local lock_timeout = '77ms'; set local jit = off");
const patience = prepared<{ is: string }>("select current_setting('lock_timeout') as is");
const add = prepared<{ id: number }>("insert into numbers (id) values ($1) returning id");
const addLast = closing<{ id: number }>("insert into numbers (id) values ($1) returning id");

async function setUp() {
  const database = await createTestDatabase();
  await database.pool.query("create table numbers (id int primary key check (id < 1000))");
  return {
    ...database,
    numbers: async () => (await database.pool.query("select id from numbers order by id")).rows.map((row) => row.id),
    [Symbol.asyncDispose]: database.close,
  };
}

test("what a transaction is set to goes out with its first statement, and is over with it", async () => {
  await using it = await setUp();
  const within = await it.db.transaction().execute(async (tx) => {
    await bePatient(tx);
    return patience(tx, []);
  });
  expect(within).toEqual([{ is: "77ms" }]);
  expect(await patience(it.db, [])).toEqual([{ is: "0" }]);
});

test("the last statement of a transaction commits what came before it as well", async () => {
  await using it = await setUp();
  await it.db.transaction().execute(async (tx) => {
    await bePatient(tx);
    await add(tx, [1]);
    expect(await addLast(tx, [2])).toEqual([{ id: 2 }]);
  });
  expect(await it.numbers()).toEqual([1, 2]);
});

test("a last statement that fails, or whose sender then fails before it, leaves nothing", async () => {
  await using it = await setUp();
  const failing = it.db.transaction().execute(async (tx) => {
    await add(tx, [1]);
    await addLast(tx, [1000]);
  });
  await expect(failing).rejects.toMatchObject({ code: "23514" });
  const givingUp = it.db.transaction().execute(async (tx) => {
    await add(tx, [2]);
    throw new Error("no");
  });
  await expect(givingUp).rejects.toThrow("no");
  expect(await it.numbers()).toEqual([]);
  await add(it.db, [3]);
  expect(await it.numbers()).toEqual([3]);
});

test("what fails after a last statement undoes nothing", async () => {
  await using it = await setUp();
  const late = it.db.transaction().execute(async (tx) => {
    await addLast(tx, [1]);
    throw new Error("too late");
  });
  await expect(late).rejects.toThrow("too late");
  expect(await it.numbers()).toEqual([1]);
});

test("a transaction without a statement ends as it was asked to, and its connection begins the next", async () => {
  await using it = await setUp();
  expect(await it.db.transaction().execute(async () => "nothing")).toBe("nothing");
  await it.db.transaction().execute((tx) => bePatient(tx));
  await expect(it.db.transaction().execute(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await it.db.transaction().execute((tx) => add(tx, [1]));
  expect(await it.numbers()).toEqual([1]);
  expect(await patience(it.db, [])).toEqual([{ is: "0" }]);
});

test("one whose connection breaks before its first statement fails, and the next has another", async () => {
  await using it = await setUp();
  const broken = it.db.transaction().execute(async (tx) => {
    await bePatient(tx);
    await it.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await addLast(tx, [1]);
  });
  await expect(broken).rejects.toThrow();
  await it.db.transaction().execute((tx) => addLast(tx, [2]));
  expect(await it.numbers()).toEqual([2]);
});
