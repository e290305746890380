import { lstat, mkdir, realpath, rename, rm, rmdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Account, accountOwning, isRoot, unprivilegedAccount } from "./account.ts";
import { newOwner } from "./address.ts";
import { emptyAs } from "./as-account.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { initialise } from "./initialise.ts";
import { accountHome, reachableBinaries, secureHome } from "./outside.ts";

/** A database cluster on disk, and what it takes to run it. */
export interface Cluster {
  /** PostgreSQL's data directory, absolute and without links. */
  readonly data: string;
  readonly binaries: Binaries;
  /** Undefined: ourselves. */
  readonly account: Account | undefined;
}

/**
 * The cluster at `<directory>/postgres`, created when there is none. As root, that name is a link into `place`, because
 * the user who runs PostgreSQL cannot enter a directory that only root can.
 */
export async function openCluster(directory: string, place: string): Promise<Cluster> {
  const path = join(directory, "postgres");
  if (!(await exists(path))) await createCluster(directory, path, place);
  const data = await realpath(path).catch((error: unknown) => {
    throw new Error(`${path} points to a place that is gone; the database was there. Nothing was started.`, {
      cause: error,
    });
  });
  const account = await accountOwning(data);
  if (account) await secureHome(data, account, place);
  const binaries = account ? await reachableBinaries(findBinaries(), account, place) : findBinaries();
  return { data, binaries, account };
}

/** Complete, or not there at all: the name `postgres` appears as the last act. */
async function createCluster(directory: string, path: string, place: string): Promise<void> {
  const { password } = await newOwner(directory);
  if (isRoot()) return createOutside(path, password, place);
  const home = join(directory, "postgres.new");
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { mode: 0o700 });
  await rename(await initialise(home, password, findBinaries(), undefined), path);
  await rm(home, { recursive: true });
}

async function createOutside(path: string, password: string, place: string): Promise<void> {
  const account = await unprivilegedAccount();
  const binaries = await reachableBinaries(findBinaries(), account, place);
  const home = await accountHome(place);
  try {
    await symlink(await initialise(home, password, binaries, account), path);
  } catch (error) {
    await discard(home, account);
    throw error;
  }
}

async function discard(home: string, account: Account): Promise<void> {
  const data = join(home, "data");
  if (await exists(data)) {
    await emptyAs(account, data);
    await rmdir(data);
  }
  await rmdir(home);
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
