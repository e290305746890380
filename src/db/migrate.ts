import type pg from "pg";
import type { Statements } from "./connection.ts";
import { assertFit } from "./fitness.ts";
import { type Migration, migrationsDirectory, readMigrations } from "./migration-files.ts";
import { type OpenClient, openClient } from "./open-client.ts";
import { patient } from "./settings.ts";
import { connecting } from "./unusable.ts";

/** The database and this release do not fit together; the message says which of the two to change, and how. */
export class SchemaMismatch extends Error {
  override readonly name = "SchemaMismatch";
  readonly code = "schema_mismatch";
}

type Applied = {
  version: number;
  name: string;
  checksum: string;
};

/** Any number will do as long as it stays: it keeps two migrations of one database from running at once. */
const lockKey = 8_246_713_905;

/**
 * Brings the database up to this release: every file of `directory` that it lacks, in order, each in its own
 * transaction. Safe to run twice and from several machines at once, also through a pooler.
 * @returns the names of the files applied now.
 * @throws SchemaMismatch when an applied file has changed since, or the database is newer than this release.
 * @throws {DatabaseUnusable} when there is no connection, or the database is not fit.
 */
export async function migrate(url: string, directory: string = migrationsDirectory): Promise<{ applied: string[] }> {
  const files = await readMigrations(directory);
  const connection = { connectionString: url, application_name: "arcadia migrate" };
  // Without a time-out: a new index on a large table may take long.
  const open = await connecting(url, () => openClient(connection, patient));
  const applied: string[] = [];
  try {
    for (;;) {
      const name = await inTransaction(open, () => applyNext(url, open.client, files));
      if (name === undefined) return { applied };
      applied.push(name);
    }
  } finally {
    await open.client.end();
  }
}

async function inTransaction<T>({ client, local }: OpenClient, work: () => Promise<T>): Promise<T> {
  await client.query(`begin isolation level read committed; ${local}`);
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** Applies the first file that the database lacks. @returns its name; undefined when it lacks none */
async function applyNext(url: string, client: pg.ClientBase, files: Migration[]): Promise<string | undefined> {
  await client.query("select pg_advisory_xact_lock($1)", [lockKey]);
  const applied = await readApplied(client);
  const [next] = pendingOf(files, applied ?? []);
  if (!next) return undefined;
  await connecting(url, () => assertFit(client, "migrate"));
  if (!applied)
    await client.query(`create table schema_migrations (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now())`);
  await apply(client, next);
  return next.name;
}

/**
 * For processes that may not migrate (workers, the API on a database of your own).
 * @throws SchemaMismatch unless the database is exactly at this release.
 */
export async function assertMigrated(statements: Statements, directory: string = migrationsDirectory): Promise<void> {
  const files = await readMigrations(directory);
  const applied = (await readApplied(statements)) ?? [];
  const pending = pendingOf(files, applied);
  if (pending.length > 0) {
    const state = applied.length === 0 ? "has no tables of Arcadia yet" : `lacks ${names(pending)}`;
    throw new SchemaMismatch(`This database ${state}: run \`arcadia migrate\`, then start again.`);
  }
}

function pendingOf(files: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(files.map((file) => [file.version, file]));
  const newest = applied.at(-1);
  const newestKnown = files.at(-1)?.version ?? 0;
  if (newest && newest.version > newestKnown) {
    throw new SchemaMismatch(
      `This database is at ${number(newest.version)}, this release knows up to ${number(newestKnown)}: upgrade arcadia.`,
    );
  }
  for (const row of applied) {
    const file = known.get(row.version);
    if (file?.checksum !== row.checksum) {
      const what = file ? "has changed since" : "is missing in this release";
      throw new SchemaMismatch(
        `Migration ${row.name} was applied to this database and ${what}: applied migrations are never edited. ` +
          "Nothing was migrated. Restore the file, and put the change into a new one.",
      );
    }
  }
  const done = new Set(applied.map((row) => row.version));
  const pending = files.filter((file) => !done.has(file.version));
  const late = pending.filter((file) => file.version < (newest?.version ?? 0));
  if (late.length > 0) {
    throw new SchemaMismatch(
      `${names(late)} would be applied after ${newest?.name}, which is newer: give it a number above that. Nothing was migrated.`,
    );
  }
  return pending;
}

async function apply(client: pg.ClientBase, { name, sql, version, checksum }: Migration): Promise<void> {
  try {
    await client.query(sql);
    const row = [version, name, checksum];
    await client.query("insert into schema_migrations (version, name, checksum) values ($1, $2, $3)", row);
  } catch (error) {
    throw new Error(`Migration ${name} failed and was rolled back; the ones before it stand.`, { cause: error });
  }
}

/** Undefined: the database has no list of them. */
async function readApplied(statements: Statements): Promise<Applied[] | undefined> {
  const list = await statements.query<{ found: boolean }>(
    "select to_regclass('schema_migrations') is not null as found",
  );
  if (!list.rows[0]?.found) return undefined;
  const { rows } = await statements.query<Applied>(
    "select version, name, checksum from schema_migrations order by version",
  );
  return rows;
}

const number = (version: number): string => String(version).padStart(4, "0");
const names = (files: Migration[]): string => files.map((file) => file.name).join(", ");
