import { execFile, type SpawnOptions } from "node:child_process";
import { promisify } from "node:util";
import type { Account } from "./account.ts";

/** What every PostgreSQL program is started with: nothing of our environment, where tokens may be, reaches it. */
export const spawnOptions = (account: Account | undefined): Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid"> => ({
  cwd: "/",
  env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
  ...account,
});

/** Runs a program to its end and returns what it printed; throws with that when it fails. */
export async function run(program: string, args: string[], account: Account | undefined): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { ...spawnOptions(account), encoding: "utf8" });
  return stdout;
}
