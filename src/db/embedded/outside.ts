import { chmod, cp, lchown, lstat, mkdir, mkdtemp, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unsafeAncestor } from "#private-directory.ts";
import type { Account } from "./account.ts";
import { type Binaries, binariesAt } from "./binaries.ts";
import { run } from "./program.ts";

/**
 * For root only: the place that root owns and any user can enter, for what must be out of root's own, closed
 * directories: the data of the account that runs PostgreSQL, and a copy of the binaries when it cannot reach them.
 */
export const systemPlace = "/var/lib/arcadia-cloud";

/** A directory for the account's data: the account may pass through, and make nothing in it. */
export async function accountHome(place: string): Promise<string> {
  await preparePlace(place);
  const home = await mkdtemp(join(place, "postgres-"));
  await chmod(home, 0o711);
  return home;
}

/**
 * Sees to it that nobody can lead root from the data directory to another. The release before gave the directory
 * around it to the account: it is taken back.
 * @throws when somebody could all the same
 */
export async function secureHome(data: string, account: Account, place: string): Promise<void> {
  const home = dirname(data);
  const isOfBefore =
    dirname(home) === (await realpath(place).catch(() => place)) && (await lstat(home)).uid === account.uid;
  if (isOfBefore && unsafeAncestor(home) === undefined) {
    await lchown(home, 0, 0);
    await chmod(home, 0o711);
  }
  const unsafe = unsafeAncestor(data);
  const found = await lstat(data);
  if (unsafe === undefined && found.isDirectory() && found.uid === account.uid) return;
  throw new Error(
    `The database's directory ${data} can be exchanged by whoever may write to ${unsafe ?? home}. Nothing was started. ` +
      "Give all directories above it to root, writable by root alone.",
  );
}

/** The binaries themselves when the account can run them where they are, otherwise a copy of them in `place`. */
export async function reachableBinaries(binaries: Binaries, account: Account, place: string): Promise<Binaries> {
  if (await runs(binaries, account)) return binaries;
  await preparePlace(place);
  const version = (await run(binaries.postgres, ["--version"], undefined)).replace(/^.*\s([\w.]+)\s*$/s, "$1");
  const copy = binariesAt(join(place, `binaries-${version}`));
  if (await runs(copy, account)) return copy;
  const half = await mkdtemp(join(place, "copying-"));
  await cp(binaries.root, half, { recursive: true, verbatimSymlinks: true });
  // Replaced as a whole: a copy that does not run was cut off, or lost files to a cleaner.
  await rm(copy.root, { recursive: true, force: true });
  await rename(half, copy.root);
  await run("/bin/chmod", ["-R", "a+rX,go-w", copy.root], undefined);
  return copy;
}

async function runs(binaries: Binaries, account: Account): Promise<boolean> {
  try {
    await run(binaries.postgres, ["--version"], account);
    return true;
  } catch {
    // Not reachable or not there: for the caller that is the same.
    return false;
  }
}

/** @throws when somebody else made the place, or could write to it: what is in there runs with our rights. */
async function preparePlace(place: string): Promise<void> {
  await mkdir(place, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw new Error(
      `As root, the embedded database lives in ${place}, which cannot be created. Nothing was started. ` +
        "Start as an ordinary user, who keeps it in the data directory, or set DATABASE_URL.",
      { cause: error },
    );
  });
  const { uid, mode } = await lstat(place);
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new Error(
      `${place} must belong to root and be writable by root alone; it is user ${uid}'s, mode ${(mode & 0o777).toString(8)}. ` +
        "Nothing was started. Remove it or correct it, or set DATABASE_URL.",
    );
  }
}
