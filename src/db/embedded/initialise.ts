import { chown, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { run } from "./program.ts";

/**
 * Makes a cluster in `<home>/data`, which it returns.
 * @param home ours, and ours alone to write to: what is in it is handed to the account only once it is there
 * @param password of the owner, the superuser `arcadia`
 */
export async function initialise(
  home: string,
  password: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<string> {
  const data = join(home, "data");
  await mkdir(data, { mode: 0o700 });
  if (account) await chown(data, account.uid, account.gid);
  const passwordFile = join(home, "password");
  await writePassword(passwordFile, password, account);
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

async function writePassword(path: string, password: string, account: Account | undefined): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(password);
    if (account) await file.chown(account.uid, account.gid);
  } finally {
    await file.close();
  }
}
