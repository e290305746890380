import { join } from "node:path";
import pg from "pg";
import { after, type Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import { freePort, readAddress, writeAddress } from "./address.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import type { DirectoryLock } from "./lock.ts";
import { systemPlace } from "./outside.ts";
import { findPostmaster, type Postmaster } from "./postmaster.ts";
import { launch, rotate, type Server, type Settings, tail } from "./server.ts";
import { stopPostmaster } from "./stop.ts";

export interface Embedded {
  /** Of the database `arcadia`, with its password. */
  readonly url: string;
  /** Whether the server ran already: it outlived the process that had started it. */
  readonly adopted: boolean;
  /** Ends the server, whoever started it; open connections are cut. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Of the directory in which everything lives: `postgres`, `postgres-url`, `postgres.log`. */
  lock: DirectoryLock;
  log: Log;
  clock: Clock;
  settings?: Settings;
  /** As root: where the data goes that another user must reach. */
  place?: string;
}

/** A server that has to recover from a crash may take this long until it answers. */
const patienceMs = 60_000;
const launches = 3;
const lookEveryMs = 10;

/**
 * A running PostgreSQL on the locked directory: the one that is there already, or a new one.
 * @throws when it is not ready within a minute, with the end of its log.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { lock, log, clock } = options;
  const { directory } = lock;
  const logFile = join(directory, "postgres.log");
  const cluster = await openCluster(directory, options.place ?? systemPlace);
  const address = await readAddress(directory);
  const deadline = after(clock.now(), patienceMs);
  let server: Server | undefined;
  let launched = 0;
  for (;;) {
    const found = await findPostmaster(cluster.data);
    if (found?.ready) {
      address.port = String(found.port);
      if (await welcomes(address, cluster, found)) {
        await writeAddress(directory, address);
        const adopted = found.pid !== server?.pid;
        log.info({ port: found.port, pid: found.pid, data: cluster.data, adopted }, "Embedded PostgreSQL is ready");
        return { url: address.href, adopted, stop: () => stopPostmaster(cluster.data, clock, log) };
      }
    }
    if (!found && (!server || server.ended() !== undefined)) {
      if (launched === launches) throw await failed(`ended with ${server?.ended()}`, cluster, logFile);
      launched += 1;
      await rotate(logFile);
      server = launch(cluster, await freePort(Number(address.port)), logFile, options.settings ?? {});
    }
    if (clock.now() > deadline) throw await failed("was not ready after a minute", cluster, logFile);
    await clock.sleep(lookEveryMs);
  }
}

/** Makes sure that it is our server on our data, and that the database `arcadia` is there. False: not yet. */
async function welcomes(address: URL, cluster: Cluster, found: Postmaster): Promise<boolean> {
  const url = new URL(address);
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data: string; exists: boolean }>(
      "select current_setting('data_directory') as data, exists (select from pg_database where datname = 'arcadia') as exists",
    );
    if (rows[0]?.data !== cluster.data) {
      throw new Error(
        `Port ${found.port} is served from ${rows[0]?.data}, not from ${cluster.data}. Nothing was done to it.`,
      );
    }
    if (!rows[0].exists) await client.query("create database arcadia");
    return true;
  } catch (error) {
    if (isPassing(error)) return false;
    throw new Error(`The embedded PostgreSQL (process ${found.pid}, ${cluster.data}) turned us away.`, {
      cause: error,
    });
  } finally {
    await client.end();
  }
}

/** Starting, recovering, shutting down, or its port closed in this instant. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    ["57P03", "57P01", "ECONNREFUSED", "ECONNRESET"].includes(String(error.code))
  );
}

async function failed(how: string, cluster: Cluster, logFile: string): Promise<Error> {
  return new Error(
    `The embedded PostgreSQL on ${cluster.data} ${how}. The end of ${logFile}:\n${await tail(logFile, 12)}\n` +
      "Correct what it names and start again, or set DATABASE_URL to a PostgreSQL of your own.",
  );
}
