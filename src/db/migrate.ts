import pg from "pg";
import { type Migration, migrationsDirectory, readMigrations } from "./migration-files.ts";
import { connecting } from "./unusable.ts";

/** The database and this release do not fit together; the message says which of the two to change, and how. */
export class SchemaMismatch extends Error {
  override readonly name = "SchemaMismatch";
  readonly code = "schema_mismatch";
}

interface Applied {
  version: number;
  name: string;
  checksum: string;
}

/** Any number will do as long as it stays: it keeps two migrations of one database from running at once. */
const lockKey = 8_246_713_905;

/**
 * Brings the database up to this release: every file of `directory` that it lacks, in order, each in its own
 * transaction. Safe to run twice and from several machines at once.
 * @returns the names of the files applied now.
 * @throws SchemaMismatch when an applied file has changed since, or the database is newer than this release.
 * @throws {DatabaseUnusable} when there is no connection.
 */
export async function migrate(
  database: string | pg.Pool,
  directory: string = migrationsDirectory,
): Promise<{ applied: string[] }> {
  const files = await readMigrations(directory);
  return withClient(database, async (client) => {
    await client.query("select pg_advisory_lock($1)", [lockKey]);
    try {
      await client.query(`create table if not exists schema_migrations (
        version integer primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now())`);
      const pending = pendingOf(files, await readApplied(client));
      for (const file of pending) await apply(client, file);
      return { applied: pending.map((file) => file.name) };
    } finally {
      await client.query("select pg_advisory_unlock($1)", [lockKey]);
    }
  });
}

/**
 * For processes that may not migrate (workers, the API on a database of your own).
 * @throws SchemaMismatch unless the database is exactly at this release.
 */
export async function assertMigrated(pool: pg.Pool, directory: string = migrationsDirectory): Promise<void> {
  const files = await readMigrations(directory);
  const { rows } = await pool.query<{ found: boolean }>("select to_regclass('schema_migrations') is not null as found");
  const applied = rows[0]?.found ? await readApplied(pool) : [];
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

async function apply(client: pg.ClientBase, file: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(file.sql);
    await client.query("insert into schema_migrations (version, name, checksum) values ($1, $2, $3)", [
      file.version,
      file.name,
      file.checksum,
    ]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new Error(`Migration ${file.name} failed and was rolled back; the ones before it stand.`, { cause: error });
  }
}

async function readApplied(client: pg.ClientBase | pg.Pool): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    "select version, name, checksum from schema_migrations order by version",
  );
  return rows;
}

/** Migrations run without the pool's time-out: a new index on a large table may take long. */
async function withClient<T>(database: string | pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  if (typeof database !== "string") {
    const client = await database.connect();
    try {
      await client.query("set statement_timeout = 0");
      return await work(client);
    } finally {
      // The connection carries the setting, so it does not go back to the pool.
      client.release(true);
    }
  }
  const client = new pg.Client({ connectionString: database, application_name: "arcadia migrate" });
  await connecting(database, () => client.connect());
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const number = (version: number): string => String(version).padStart(4, "0");
const names = (files: Migration[]): string => files.map((file) => file.name).join(", ");
