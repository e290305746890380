import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "#clock.ts";
import { openLog } from "#log.ts";
import { createDataDirectory } from "#test/data-directory.ts";
import { accountOwning, isRoot } from "./account.ts";
import { lockDirectory } from "./lock.ts";
import { findPostmaster } from "./postmaster.ts";
import { startEmbedded } from "./start.ts";
import { stopPostmaster } from "./stop.ts";

const log = openLog("silent");

/** A stopped installation of root's, and what the account that runs its database can do in its own directory. */
async function installation() {
  const directory = await createDataDirectory();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const start = async () => {
    const lock = lockDirectory(directory.path);
    try {
      return await startEmbedded({ lock, log, clock: systemClock, place: directory.place });
    } finally {
      lock.release();
    }
  };
  await (await start()).stop();
  const data = await realpath(join(directory.path, "postgres"));
  const account = await accountOwning(data);
  const pidFile = join(data, "postmaster.pid");
  const asAccount = (...command: [string, ...string[]]) => execFileSync(command[0], command.slice(1), { ...account });
  return { directory, start, data, account, pidFile, asAccount, home: dirname(data) };
}

/** What PostgreSQL would have left there, of a process that lives and is not its server. */
const left = (pid: number, data: string): string => `${pid}\n${data}\n1700000000\n5432\n\n127.0.0.1\n  1 2\nready   \n`;

test.runIf(isRoot())("what a link in the place of postmaster.pid leads to is neither read nor written", async () => {
  const { directory, start, data, pidFile, asAccount } = await installation();
  const target = join(directory.path, "of-root");
  await writeFile(target, left(process.ppid, data), { mode: 0o600 });
  asAccount("ln", "-s", target, pidFile);
  await expect(start()).rejects.toThrow(/postmaster.pid/);
  expect(await readFile(target, "utf8")).toBe(left(process.ppid, data));
});

test.runIf(isRoot())("a pipe in its place does not hold the start up", async () => {
  const { data, account, pidFile, asAccount } = await installation();
  asAccount("mkfifo", pidFile);
  expect(await findPostmaster({ data, account })).toBeUndefined();
});

test.runIf(isRoot())(
  "a process of another user is not signalled, though the file names it and it is in the directory",
  async () => {
    const { data, account, pidFile } = await installation();
    const other = spawn("sleep", ["60"], { cwd: data });
    onTestFinished(() => void other.kill("SIGKILL"));
    await once(other, "spawn");
    await writeFile(pidFile, left(other.pid ?? 0, data));
    execFileSync("chown", [`${account?.uid}:${account?.gid}`, pidFile]);
    await stopPostmaster({ data, account }, systemClock, log);
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
  },
);

test.runIf(isRoot())("the account can put nothing beside its directory, nor another in its place", async () => {
  const { home, data, asAccount } = await installation();
  expect(await lstat(home)).toMatchObject({ uid: 0, mode: 0o40711 });
  expect(() => asAccount("touch", join(home, "password"))).toThrow("Permission denied");
  expect(() => asAccount("mv", data, `${data}-moved`)).toThrow("Permission denied");
});

test.runIf(isRoot())("a database below a directory that others may write to is not started", async () => {
  const { directory, start, data } = await installation();
  const open = join(directory.path, "..", "open");
  await mkdir(open);
  await chmod(open, 0o777);
  await rename(data, join(open, "data"));
  await rm(join(directory.path, "postgres"));
  await symlink(join(open, "data"), join(directory.path, "postgres"));
  await expect(start()).rejects.toThrow(`can be exchanged by whoever may write to ${await realpath(open)}`);
});
