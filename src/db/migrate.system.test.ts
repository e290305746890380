import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { assertMigrated, migrate, SchemaMismatch } from "./migrate.ts";

/** An empty database, and a directory with these migrations. */
async function setUp(files: Record<string, string>) {
  const database = await createTestDatabase();
  await database.pool.query("drop schema public cascade");
  await database.pool.query("create schema public");
  const directory = await mkdtemp(join(tmpdir(), "arcadia-migrations-"));
  const write = async (name: string, sql: string) => writeFile(join(directory, name), sql);
  for (const [name, sql] of Object.entries(files)) await write(name, sql);
  const tables = async () => {
    const { rows } = await database.pool.query<{ tablename: string }>(
      "select tablename from pg_tables where schemaname = 'public' order by 1",
    );
    return rows.map((row) => row.tablename);
  };
  return {
    ...database,
    directory,
    write,
    tables,
    async [Symbol.asyncDispose]() {
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

const first = { "0001_first.sql": "create table one (id integer);" };
const both = { ...first, "0002_second.sql": "create table two (id integer); insert into one values (7);" };

test("applies what is missing, in order, once", async () => {
  await using scratch = await setUp({ ...both, "schema.sql": "not a migration" });
  await expect(assertMigrated(scratch.pool, scratch.directory)).rejects.toThrow(
    /no tables of Arcadia.*`arcadia migrate`/,
  );
  expect(await migrate(scratch.url, scratch.directory)).toEqual({ applied: ["0001_first", "0002_second"] });
  expect(await migrate(scratch.url, scratch.directory)).toEqual({ applied: [] });
  expect(await scratch.tables()).toEqual(["one", "schema_migrations", "two"]);
  await assertMigrated(scratch.pool, scratch.directory);
  await scratch.write("0003_third.sql", "create table three (id integer);");
  await expect(assertMigrated(scratch.pool, scratch.directory)).rejects.toThrow(
    "lacks 0003_third: run `arcadia migrate`",
  );
  expect(await migrate(scratch.url, scratch.directory)).toEqual({ applied: ["0003_third"] });
});

test("several at once apply each file once", async () => {
  await using scratch = await setUp(both);
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(scratch.url, scratch.directory)));
  expect(runs.flatMap((run) => run.applied).toSorted()).toEqual(["0001_first", "0002_second"]);
});

test("a file that fails leaves nothing of itself, and the ones before it", async () => {
  await using scratch = await setUp({ ...first, "0002_broken.sql": "create table two (id integer); select 1 / 0;" });
  await expect(migrate(scratch.url, scratch.directory)).rejects.toThrow(/0002_broken failed and was rolled back/);
  expect(await scratch.tables()).toEqual(["one", "schema_migrations"]);
  await scratch.write("0002_broken.sql", "create table two (id integer);");
  expect(await migrate(scratch.url, scratch.directory)).toEqual({ applied: ["0002_broken"] });
});

test("an applied file that changed is refused; line ends alone are no change", async () => {
  await using scratch = await setUp({ "0001_first.sql": "create table one (\nid integer);\n" });
  await migrate(scratch.url, scratch.directory);
  await scratch.write("0001_first.sql", "create table one (\r\nid integer);\r\n");
  expect(await migrate(scratch.url, scratch.directory)).toEqual({ applied: [] });
  await scratch.write("0001_first.sql", "create table one (id bigint);");
  await expect(migrate(scratch.url, scratch.directory)).rejects.toThrow(/0001_first was applied .* has changed since/);
  await expect(assertMigrated(scratch.pool, scratch.directory)).rejects.toThrow(SchemaMismatch);
});

test("a database newer than the release is refused", async () => {
  await using scratch = await setUp(both);
  await migrate(scratch.url, scratch.directory);
  await rm(join(scratch.directory, "0002_second.sql"));
  const message = "This database is at 0002, this release knows up to 0001: upgrade arcadia.";
  await expect(migrate(scratch.url, scratch.directory)).rejects.toThrow(message);
  await expect(assertMigrated(scratch.pool, scratch.directory)).rejects.toThrow(message);
});

test("a file numbered below an applied one is refused", async () => {
  await using scratch = await setUp({ "0002_second.sql": "create table two (id integer);" });
  await migrate(scratch.url, scratch.directory);
  await scratch.write("0001_late.sql", "create table one (id integer);");
  await expect(migrate(scratch.url, scratch.directory)).rejects.toThrow(/0001_late would be applied after 0002_second/);
  expect(await scratch.tables()).toEqual(["schema_migrations", "two"]);
});
