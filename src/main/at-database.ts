import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { readAddress, readAddresses } from "#db/embedded/address.ts";
import { DirectoryInUse, lockDirectory } from "#db/embedded/lock.ts";
import { startEmbedded } from "#db/embedded/start.ts";
import { type Log, openLog } from "#log.ts";

export interface WhichDatabase {
  readonly config: Config;
  readonly log?: Log;
  readonly clock?: Clock;
  /** As root: where the embedded database's data is, if not in the system's place. */
  readonly place?: string;
}

/** There is no database where the configuration says. */
export class NoDatabase extends Error {
  override readonly name = "NoDatabase";
}

/**
 * Works at the database that runs, or at the embedded one, started for as long as that takes.
 * @throws {NoDatabase}
 */
export async function atDatabase<T>(
  which: WhichDatabase,
  as: "owner" | "runtime",
  work: (url: string) => Promise<T>,
): Promise<T> {
  const { config, log = openLog("warn"), clock = systemClock, place } = which;
  const { databaseUrl, migrationDatabaseUrl, dataDirectory } = config;
  if (databaseUrl !== undefined) return work(as === "owner" ? (migrationDatabaseUrl ?? databaseUrl) : databaseUrl);
  if (!(await exists(join(dataDirectory, "postgres"))))
    throw new NoDatabase(`There is no database in ${dataDirectory}: set ARCADIA_DATA_DIR, or DATABASE_URL`);
  const lock = lockOrNone(dataDirectory);
  if (!lock) {
    const address = as === "owner" ? (await readAddresses(dataDirectory)).owner : await readAddress(dataDirectory);
    return work(address.href);
  }
  try {
    const server = await startEmbedded({ lock, log, clock, ...(place && { place }) });
    try {
      // Of the release before, the other role may have no rights yet.
      return await work(server.ownerUrl);
    } finally {
      await server.stop();
    }
  } finally {
    lock.release();
  }
}

/** Undefined: a server has the directory, and its database answers. */
function lockOrNone(directory: string) {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof DirectoryInUse) return undefined;
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    },
  );
