import { lstat, mkdir, realpath, rename, rm, symlink, writeFile, chown } from "node:fs/promises";
import { join } from "node:path";
import { type Account, accountOwning, isRoot, unprivilegedAccount } from "./account.ts";
import { newAddress, writeAddress } from "./address.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { accountDirectory, reachableBinaries } from "./outside.ts";
import { run } from "./program.ts";

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
  const binaries = account ? await reachableBinaries(findBinaries(), account, place) : findBinaries();
  return { data, binaries, account };
}

/** Complete, or not there at all: the name `postgres` appears as the last act. */
async function createCluster(directory: string, path: string, place: string): Promise<void> {
  const address = newAddress();
  await writeAddress(directory, address);
  if (isRoot()) {
    const account = await unprivilegedAccount();
    const binaries = await reachableBinaries(findBinaries(), account, place);
    const home = await accountDirectory(place, account);
    try {
      await symlink(await initialise(home, address.password, binaries, account), path);
    } catch (error) {
      await rm(home, { recursive: true });
      throw error;
    }
  } else {
    const home = join(directory, "postgres.new");
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { mode: 0o700 });
    await rename(await initialise(home, address.password, findBinaries(), undefined), path);
    await rm(home, { recursive: true });
  }
}

/** initdb into `<home>/data`, which it returns. */
async function initialise(
  home: string,
  password: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<string> {
  const data = join(home, "data");
  const passwordFile = join(home, "password");
  await writeFile(passwordFile, password, { mode: 0o600, flag: "wx" });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const options = ["--username=arcadia", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8"];
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  try {
    await run(binaries.initdb, [`--pgdata=${data}`, ...options, ...locale], account);
  } catch (error) {
    throw new Error(`PostgreSQL's initdb failed in ${data}; nothing was started.`, { cause: error });
  } finally {
    await rm(passwordFile);
  }
  return data;
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
