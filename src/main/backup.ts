import { access, lstat, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import manifest from "../../package.json" with { type: "json" };
import { dump } from "#backup/dump.ts";
import { BackupError, hmacOf } from "#backup/format.ts";
import { type Clock, systemClock } from "#clock.ts";
import type { Config } from "#config.ts";
import { openClient } from "#db/open-client.ts";
import { patient } from "#db/settings.ts";
import type { Log } from "#log.ts";
import { claimDirectory } from "#private-directory.ts";
import { atDatabase, NoDatabase } from "./at-database.ts";
import { ownBox } from "./backup-trust.ts";
import { holdsKey, readCompanions } from "./companions.ts";

export interface BackupOptions {
  readonly config: Config;
  readonly file: string;
  readonly log?: Log;
  readonly clock?: Clock;
  /** As root: where the embedded database's data is, if not in the system's place. */
  readonly place?: string;
}

export interface BackupReport {
  readonly file: string;
  readonly taken_at: string;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  /** False: ARCADIA_SECRET_KEY holds it, and must be kept elsewhere. */
  readonly secret_key_included: boolean;
  /** False: there is no secret key to sign it with, and a restore has to be told to take it all the same. */
  readonly signed: boolean;
}

/**
 * Writes the database, as it is at one instant, and what belongs to it into one file of mode 0600. Servers and workers
 * go on meanwhile. The file has its name only when it is complete.
 * @throws {BackupError} when the file exists, or there is no database yet
 */
export async function backUp(options: BackupOptions): Promise<BackupReport> {
  const { config, clock = systemClock } = options;
  const file = resolve(options.file);
  if (await exists(file)) throw new BackupError(`${file} exists already; nothing was written`);
  const partial = `${file}.partial`;
  const takenAt = clock.now();
  let counts = { tables: 0, rows: 0 };
  let written = 0;
  let bytes = 0;
  if (await exists(config.dataDirectory)) claimDirectory(config.dataDirectory);
  const files = () => readCompanions(config);
  const box = await ownBox(config);
  const sign = box && ((sha256: string) => hmacOf(box.digest, sha256));
  const lines = (connectionString: string) => {
    const connect = () => openClient({ connectionString, application_name: "backup of arcadia" }, patient);
    return dump({ connect, release: manifest.version, takenAt, files, sign, onEnd: (counted) => (counts = counted) });
  };
  try {
    await rm(partial, { force: true });
    await atDatabase(options, "runtime", async (url) => void (written = await writeOut(partial, lines(url))));
    await rename(partial, file);
    const { ino, size } = await lstat(file);
    if (ino !== written)
      throw new Error(`Somebody who may write to its directory put another file in the place of ${partial}`);
    bytes = size;
  } catch (cause) {
    await rm(partial, { force: true });
    if (cause instanceof BackupError) throw cause;
    if (cause instanceof NoDatabase) throw new BackupError(cause.message);
    throw new BackupError(`The backup could not be made, and ${file} was not written`, { cause });
  }
  const secret_key_included = holdsKey(await files());
  return {
    file,
    taken_at: takenAt.toISOString(),
    ...counts,
    bytes,
    secret_key_included,
    signed: sign !== undefined,
  };
}

/** @returns the number of the file, which one that somebody puts in its place does not have */
async function writeOut(path: string, lines: AsyncIterable<string>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  const { ino } = await file.stat();
  // The stream closes the file.
  await pipeline(Readable.from(lines), createGzip(), file.createWriteStream({ flush: true }));
  return ino;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    },
  );
