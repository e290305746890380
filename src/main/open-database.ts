import type { Clock } from "#clock.ts";
import { type Config, ConfigError } from "#config.ts";
import { type Database, type DatabaseOptions, openDatabase } from "#db/connection.ts";
import { assertFit } from "#db/fitness.ts";
import { lockDirectory } from "#db/embedded/lock.ts";
import { startEmbedded } from "#db/embedded/start.ts";
import { assertMigrated } from "#db/migrate.ts";
import { connecting } from "#db/unusable.ts";
import type { Log } from "#log.ts";
import { migrateDatabase } from "./migrate-database.ts";

export interface OpenDatabase extends Database {
  readonly url: string;
  readonly embedded: boolean;
  /** Closes the connections; an embedded server ends with them. */
  stop(): Promise<void>;
}

interface Options {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly connections: number;
  /** As the role that owns the tables, instead of the one that servers and workers run as. */
  readonly asOwner?: boolean;
  /** Hears of each new connection to it (lives.ts). */
  readonly met?: (url: string) => DatabaseOptions["met"];
  /** As root: where the embedded database's data goes, if not to the system's place. */
  readonly place?: string | undefined;
}

/**
 * Somebody's PostgreSQL, already migrated (`arcadia migrate`).
 * @throws {DatabaseUnusable} when there is no connection, or it is not fit; {SchemaMismatch} when its schema is not this release's
 */
export async function openExternal(url: string, { log, connections, met }: Options): Promise<OpenDatabase> {
  await connecting(url, () => look(url, log));
  const database = openDatabase(url, { log, max: connections, met: met?.(url) });
  try {
    await assertMigrated(database.statements);
  } catch (error) {
    await database.close();
    throw error;
  }
  return { ...database, url, embedded: false, stop: () => database.close() };
}

/** On a connection that nobody hears of: whoever does writes, which an unfit database refuses in words of its own. */
async function look(url: string, log: Log): Promise<void> {
  const database = openDatabase(url, { log, max: 1 });
  try {
    await assertFit(database.statements, "use");
  } finally {
    await database.close();
  }
}

/** Our own PostgreSQL in the data directory, which is locked for this process; migrated before anything uses it. */
async function openEmbedded(options: Options): Promise<OpenDatabase> {
  const { config, log, clock, connections, asOwner, place } = options;
  const lock = lockDirectory(config.dataDirectory);
  const server = await startEmbedded({ lock, log, clock, ...(place && { place }) });
  if (server.adopted) log.info("The embedded database outlived an earlier process; it goes on serving this one");
  await migrateDatabase(server.ownerUrl, server.url);
  const ending = new AbortController();
  const supervision = server.supervise(ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) log.fatal({ err: error }, "The embedded database is gone and does not come back");
  });
  const url = asOwner ? server.ownerUrl : server.url;
  const { met } = options;
  const database = openDatabase(url, { log, max: connections, met: met?.(url) });
  return {
    ...database,
    url,
    embedded: true,
    async stop() {
      await database.close();
      ending.abort();
      await supervision;
      await server.stop();
      lock.release();
    },
  };
}

export function openConfigured(options: Options): Promise<OpenDatabase> {
  const { databaseUrl, migrationDatabaseUrl } = options.config;
  if (databaseUrl === undefined) return openEmbedded(options);
  return openExternal(options.asOwner ? (migrationDatabaseUrl ?? databaseUrl) : databaseUrl, options);
}

/** Workers beside the server share its database, which must therefore be one that they can reach. */
export function requireDatabaseUrl(config: Config): string {
  if (config.databaseUrl) return config.databaseUrl;
  throw new ConfigError(
    "A worker by itself needs DATABASE_URL: the embedded database belongs to `arcadia serve`, which has a worker of its own",
  );
}
