import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { claimDirectory, unusable } from "#private-directory.ts";

/** Proof that this process, and no other, may use the directory. */
export interface DirectoryLock {
  /** The locked directory, absolute and without links. */
  readonly directory: string;
  release(): void;
}

/** Another process has the directory. `pid` is undefined in the instant before the holder wrote it down. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
  readonly code = "directory_in_use";
  readonly directory: string;
  readonly pid: number | undefined;

  constructor(directory: string, pid: number | undefined, cause: unknown) {
    super(
      `The data directory ${directory} is in use by ${pid ? `process ${pid}` : "another process"}. ` +
        "Nothing was started. Stop that process, or give this one a directory of its own with ARCADIA_DATA_DIR.",
      { cause },
    );
    this.directory = directory;
    this.pid = pid;
  }
}

/** SQLITE_BUSY: another process, or this one by another lock, holds the file. */
const busy = 5;

/**
 * Takes a directory, creating it (0700) when it is missing. The lock ends with `release`, or with the process, however
 * it dies: it is a kernel file lock, which Node.js offers only by way of its SQLite.
 * @throws DirectoryInUse when a live process holds it; NotPrivate when it is not ours alone.
 */
export function lockDirectory(path: string): DirectoryLock {
  const directory = claimDirectory(path);
  const holder = join(directory, "lock.pid");
  const file = open(join(directory, "lock"));
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    if (isBusy(error)) throw new DirectoryInUse(directory, readPid(holder), error);
    throw unusable(directory, error);
  }
  writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  const release = () => {
    process.off("exit", release);
    if (file.isOpen) file.close();
  };
  // Also what keeps the lock from ending with a garbage collection, when nobody holds on to what we return.
  process.on("exit", release);
  return { directory, release };
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === busy;
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    // The holder is between taking the lock and writing its number: the message then goes without it.
    return undefined;
  }
}
