import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chown, chmod, lstat, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { systemClock } from "#clock.ts";
import { openLog } from "#log.ts";
import { createDataDirectory, type DataDirectory } from "#test/data-directory.ts";
import { startEmbeddedProcess } from "#test/embedded-process.ts";
import { freePort } from "#test/free-port.ts";
import { accountOwning, isRoot } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { lockDirectory } from "./lock.ts";
import { reachableBinaries } from "./outside.ts";
import { spawnOptions } from "./program.ts";
import { startEmbedded } from "./start.ts";

const log = openLog("error");

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function start(directory: DataDirectory) {
  const lock = lockDirectory(directory.path);
  const embedded = await startEmbedded({ lock, log, clock: systemClock, place: directory.place });
  return { ...embedded, [Symbol.asyncDispose]: async () => lock.release() };
}

/**
 * An installation as release 0.1.0 left it when it was killed: one role, a superuser, whose address is in postgres-url;
 * a server on TCP that goes on running; as root, a directory around the data that is the account's.
 * @returns the address
 */
async function releaseBefore(directory: DataDirectory): Promise<string> {
  await using made = await start(directory);
  await query(made.ownerUrl, "create table kept as select 7 as value");
  await query(made.ownerUrl, "drop owned by arcadia_runtime; drop role arcadia_runtime");
  await query(made.ownerUrl, "grant all on database arcadia, postgres, template1 to public");
  await made.stop();
  const port = await freePort();
  const { username, password } = new URL(made.ownerUrl);
  const url = `postgres://${username}:${password}@127.0.0.1:${port}/arcadia`;
  await rm(join(directory.path, "postgres-owner-url"));
  await writeFile(join(directory.path, "postgres-url"), `${url}\n`, { mode: 0o600 });
  const data = await realpath(join(directory.path, "postgres"));
  const account = await accountOwning(data);
  if (account) {
    await chown(dirname(data), account.uid, account.gid);
    await chmod(dirname(data), 0o700);
  }
  const binaries = account ? await reachableBinaries(findBinaries(), account, directory.place) : findBinaries();
  const settings = ["unix_socket_directories=", "listen_addresses=127.0.0.1", `port=${port}`];
  const file = openSync(join(directory.path, "postgres.log"), "a");
  spawn(binaries.postgres, ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
    ...spawnOptions(account),
    detached: true,
    stdio: ["ignore", file, file],
  }).unref();
  closeSync(file);
  await expect.poll(() => query(url, "select 1 as one").catch(() => []), { timeout: 20_000 }).toEqual([{ one: 1 }]);
  return url;
}

test("an installation of the release before is brought to two roles and a socket, whenever that is cut off", async () => {
  await using directory = await createDataDirectory();
  const before = await releaseBefore(directory);
  for (const ms of [250, 450, 650, 900, 1200]) {
    const started = await startEmbeddedProcess(directory.path, { place: directory.place, killAfterMs: ms });
    await started.kill();
  }
  await using now = await start(directory);
  const [role] = await query(
    now.url,
    "select current_user::text as name, rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user",
  );
  expect(role).toEqual({ name: "arcadia_runtime", rolsuper: false, rolcreaterole: false, rolcreatedb: false });
  expect(await query(now.ownerUrl, "select value from kept")).toEqual([{ value: 7 }]);
  await expect(query(now.url, "select value from kept")).rejects.toThrow("permission denied");
  await expect(query(before, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const home = dirname(await realpath(join(directory.path, "postgres")));
  if (isRoot()) expect(await lstat(home)).toMatchObject({ uid: 0, mode: 0o40711 });
  await now.stop();
});
