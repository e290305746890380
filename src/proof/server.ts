import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "#clock.ts";
import { lockDirectory } from "#db/embedded/lock.ts";
import { startEmbedded } from "#db/embedded/start.ts";
import { openLog } from "#log.ts";
import { migrateDatabase } from "#main/migrate-database.ts";

/** Where test databases are cloned from; plain data, so that vitest can hand it to its workers. */
export interface TestServer {
  /** As the owner of every database. */
  readonly adminUrl: string;
  /** As the role that servers and workers run as, in the template. */
  readonly runtimeUrl: string;
  readonly template: string;
}

const common = {
  max_connections: "300",
  // In the data directory, which only its user enters: half the cost of a statement over TCP.
  unix_socket_directories: ".",
};

const fast = {
  ...common,
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  // A clone is a copy of files; without checkpoints and autovacuum nothing runs beside it.
  checkpoint_timeout: "1h",
  autovacuum: "off",
  track_counts: "off",
  // Nothing follows this server.
  wal_level: "minimal",
  max_wal_senders: "0",
};

/**
 * A PostgreSQL of its own, with a migrated template. Ends with this process at the latest.
 * @param kind `fast` keeps nothing through a crash; `durable` is as PostgreSQL comes, for benchmarks
 * @param more settings of PostgreSQL
 */
export async function startTestServer(
  kind: "fast" | "durable" = "fast",
  more: Readonly<Record<string, string>> = {},
): Promise<TestServer & { stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "arcadia-test-"));
  const place = join(directory, "open");
  // As root, another user runs PostgreSQL and must get through.
  await chmod(directory, 0o711);
  const settings = { ...(kind === "fast" ? fast : common), ...more };
  const lock = lockDirectory(join(directory, "data"));
  const log = openLog("warn");
  const server = await startEmbedded({ lock, log, clock: systemClock, settings, place });
  const watchdog = endWithUs(join(lock.directory, "postgres", "postmaster.pid"), directory);
  await migrateDatabase(server.ownerUrl, server.url);
  return {
    adminUrl: Object.assign(new URL(server.ownerUrl), { pathname: "/postgres" }).href,
    runtimeUrl: server.url,
    template: "arcadia",
    async stop() {
      await server.stop();
      lock.release();
      rmSync(directory, { recursive: true });
      watchdog.stdin.end();
    },
  };
}

/** A shell that waits for our end of its pipe to close, as it does even on kill -9, and then removes the server. */
function endWithUs(pidFile: string, directory: string) {
  const script = 'read _; [ -f "$1" ] && kill -QUIT "$(head -n 1 "$1")" && sleep 1; rm -rf "$2"';
  const shell = spawn("/bin/sh", ["-c", script, "sh", pidFile, directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  return shell;
}

/** Copies the template, which takes about 11 ms. The caller drops it with `dropDatabase`. */
export async function cloneDatabase(server: TestServer, name: string): Promise<string> {
  await administer(server, `create database ${name} template ${server.template} strategy file_copy`);
  return Object.assign(new URL(server.adminUrl), { pathname: `/${name}` }).href;
}

export async function dropDatabase(server: TestServer, name: string): Promise<void> {
  await administer(server, `drop database if exists ${name} with (force)`);
}

export async function administer(server: TestServer, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
