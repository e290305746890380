import { readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "#clock.ts";
import { openLog } from "#log.ts";
import { createDataDirectory, type DataDirectory } from "#test/data-directory.ts";
import { startEmbeddedProcess } from "#test/embedded-process.ts";
import { lockDirectory } from "./lock.ts";
import { accountOwning } from "./account.ts";
import { findPostmaster, isAlive } from "./postmaster.ts";
import { type Embedded, startEmbedded } from "./start.ts";

const log = openLog("error");

async function start(directory: DataDirectory): Promise<Embedded & AsyncDisposable> {
  const lock = lockDirectory(directory.path);
  const embedded = await startEmbedded({ lock, log, clock: systemClock, place: directory.place });
  return { ...embedded, [Symbol.asyncDispose]: async () => lock.release() };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmaster = async (directory: DataDirectory) => {
  const data = await realpath(join(directory.path, "postgres"));
  return findPostmaster({ data, account: await accountOwning(data) });
};

test("a new directory gets a server that only its owner can reach, and keeps its data over a restart", async () => {
  await using directory = await createDataDirectory();
  let first: Embedded;
  {
    await using started = await start(directory);
    first = started;
    expect(started.adopted).toBe(false);
    await query(started.ownerUrl, "create table kept as select 7 as value");
    const [settings] = await query(
      started.ownerUrl,
      `select current_setting('listen_addresses') as listens, current_setting('authentication_timeout') as patience,
        current_setting('unix_socket_directories') as sockets, current_setting('fsync') as fsync,
        current_setting('server_encoding') as encoding, current_setting('password_encryption') as passwords`,
    );
    expect(settings).toEqual({
      listens: "",
      patience: "5s",
      sockets: `"${await realpath(join(directory.path, "postgres"))}"`,
      fsync: "on",
      encoding: "UTF8",
      passwords: "scram-sha-256",
    });
    const wrong = Object.assign(new URL(started.url), { password: "guess" }).href;
    await expect(query(wrong, "select 1")).rejects.toMatchObject({ code: "28P01" });
    for (const [name, mode] of [
      ["", 0o700],
      ["postgres", 0o700],
      ["postgres-url", 0o600],
      ["postgres-owner-url", 0o600],
    ] as const) {
      expect((await stat(join(directory.path, name))).mode & 0o777, name).toBe(mode);
    }
    await started.stop();
    await expect(query(started.url, "select 1")).rejects.toMatchObject({ code: "ENOENT", syscall: "connect" });
  }
  const before = performance.now();
  await using again = await start(directory);
  expect(performance.now() - before).toBeLessThan(3_000);
  expect(again.url).toBe(first.url);
  expect(await query(again.ownerUrl, "select value from kept")).toEqual([{ value: 7 }]);
});

test("what its role sets for itself, the next start takes back", async () => {
  await using directory = await createDataDirectory();
  {
    await using started = await start(directory);
    await query(
      started.url,
      `alter role current_user set default_transaction_read_only = on;
        alter role current_user in database arcadia set search_path = nowhere;
        alter role current_user password 'another'`,
    );
    await started.stop();
  }
  await using again = await start(directory);
  const [settings] = await query(
    again.url,
    "select current_setting('default_transaction_read_only') as closed, current_schema() as schema",
  );
  expect(settings).toEqual({ closed: "off", schema: "public" });
  await again.stop();
});

test("the server outlives a kill -9 of its starter, without our environment, and is adopted", async () => {
  await using directory = await createDataDirectory();
  const starter = await startEmbeddedProcess(directory.path, directory);
  const running = await postmaster(directory);
  await starter.kill();
  expect(starter.said).toMatchObject({ adopted: false });
  await using heir = await start(directory);
  expect(heir).toMatchObject({ adopted: true, url: starter.said.url });
  expect(await postmaster(directory)).toEqual(running);
  if (process.platform === "linux") {
    expect(await readFile(`/proc/${running?.pid}/environ`, "utf8")).not.toContain("planted-secret");
  }
  await heir.stop();
  expect(isAlive(running?.pid ?? 0)).toBe(false);
});

test("a server that was killed recovers, though its process id belongs to somebody else by now", async () => {
  await using directory = await createDataDirectory();
  {
    await using started = await start(directory);
    await query(started.ownerUrl, "create table kept as select 7 as value");
    const running = await postmaster(directory);
    process.kill(running?.pid ?? 0, "SIGKILL");
    await expect.poll(() => isAlive(running?.pid ?? 0)).toBe(false);
  }
  const pidFile = join(directory.path, "postgres", "postmaster.pid");
  const lines = (await readFile(pidFile, "utf8")).split("\n");
  // Alive, ours, not PostgreSQL, and not the parent of the server to come.
  await writeFile(pidFile, [String(process.ppid), ...lines.slice(1)].join("\n"));
  await using again = await start(directory);
  expect(again.adopted).toBe(false);
  expect(await query(again.ownerUrl, "select value from kept")).toEqual([{ value: 7 }]);
});

test("a supervised server that is killed comes back at the same address", async () => {
  await using directory = await createDataDirectory();
  await using started = await start(directory);
  const supervision = new AbortController();
  const supervised = started.supervise(supervision.signal);
  const running = await postmaster(directory);
  process.kill(running?.pid ?? 0, "SIGKILL");
  const one = async () => query(started.url, "select 1 as one").catch(() => "not yet");
  await expect.poll(one, { timeout: 10_000 }).toEqual([{ one: 1 }]);
  expect((await postmaster(directory))?.pid).not.toBe(running?.pid);
  supervision.abort();
  await supervised;
});

test("where a socket's path would be too long, it is in a closed directory under /tmp, the same after a restart", async () => {
  await using directory = await createDataDirectory();
  const deep = { path: join(directory.path, "d".repeat(120)), place: join(directory.place, "p".repeat(120)) };
  const lock = lockDirectory(deep.path);
  const options = { lock, log, clock: systemClock, place: deep.place };
  const started = await startEmbedded(options);
  const sockets = new URL(started.url).searchParams.get("host") ?? "";
  onTestFinished(() => rm(sockets, { recursive: true, force: true }));
  try {
    expect(sockets).toMatch(/^\/tmp\/arcadia-/);
    const account = await accountOwning(await realpath(join(deep.path, "postgres")));
    expect(await stat(sockets)).toMatchObject({ uid: account?.uid ?? process.getuid?.(), mode: 0o40700 });
    expect(await query(started.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await started.stop();
    const again = await startEmbedded(options);
    expect(again.url).toBe(started.url);
    await again.stop();
  } finally {
    lock.release();
  }
});

test("a server that cannot start says why, with the end of its log", async () => {
  await using directory = await createDataDirectory();
  {
    await using started = await start(directory);
    await started.stop();
  }
  await writeFile(join(directory.path, "postgres", "postgresql.conf"), "no_such_setting = 1\n");
  await expect(start(directory)).rejects.toThrow(/ended with exit status 1.*no_such_setting/s);
});
