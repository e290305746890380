import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Account } from "./account.ts";
import { run } from "./program.ts";

/*
 * Work on the data directory. As root it belongs to another account, which may put links and pipes there at any time:
 * what is changed is changed with that account's rights, and what is read is opened without following anything.
 */

const largestBytes = 64_000;

/** The text of a small file of the cluster; undefined when there is no ordinary file of that name. */
export async function readSmallFile(path: string, account: Account | undefined): Promise<string | undefined> {
  const file = await openWithoutFollowing(path);
  if (!file) return undefined;
  try {
    const found = await file.stat();
    const owner = account?.uid ?? process.geteuid?.() ?? found.uid;
    if (!found.isFile() || found.uid !== owner || found.size > largestBytes) return undefined;
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function openWithoutFollowing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ELOOP"].includes(String(error.code))) return undefined;
    throw error;
  }
}

/** Writes a file of the cluster; the text is no secret, it is an argument. */
export async function writeAs(account: Account | undefined, path: string, text: string): Promise<void> {
  await run("/bin/sh", ["-c", 'printf %s "$2" > "$1"', "sh", path, text], account);
}

/** Signals a process of the account, and none of anybody else's. */
export async function signalAs(account: Account | undefined, pid: number, signal: "INT" | "QUIT"): Promise<void> {
  if (account) await run("/bin/sh", ["-c", 'kill -s "$2" "$1"', "sh", String(pid), signal], account);
  else process.kill(pid, `SIG${signal}`);
}

/** Removes all that is in a directory of the account. */
export async function emptyAs(account: Account, directory: string): Promise<void> {
  await run("/usr/bin/find", [directory, "-mindepth", "1", "-delete"], account);
}
