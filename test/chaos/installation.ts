import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "#clock.ts";
import { type Database, openDatabase } from "#db/connection.ts";
import { lockDirectory } from "#db/embedded/lock.ts";
import { startEmbedded } from "#db/embedded/start.ts";
import { openLog } from "#log.ts";
import { migrateDatabase } from "#main/migrate-database.ts";
import { createDataDirectory } from "#test/data-directory.ts";
import { type Part, startPart } from "./part.ts";
import { freePort } from "#test/free-port.ts";

const program = fileURLToPath(new URL("../../bin/arcadia", import.meta.url));

export interface Installation extends AsyncDisposable {
  readonly database: Database;
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly providerUrl: string;
  readonly simulator: Part;
  readonly server: Part;
  readonly workers: readonly Part[];
  /** Everything that any part printed. */
  readonly lines: readonly string[];
  /** kill -9 of the database server, or a fast shutdown; it is started again by its supervisor. */
  endDatabase(signal: "SIGKILL" | "SIGINT"): Promise<void>;
}

/** A whole installation of real processes: PostgreSQL with fsync on, simulator, server, workers. */
export async function install(workerCount: number, secrets: { providerToken: string }): Promise<Installation> {
  const home = await createDataDirectory();
  const log = openLog("silent");
  const lock = lockDirectory(join(home.path, "database"));
  const settings = { max_connections: "200" };
  const postgres = await startEmbedded({ lock, log, clock: systemClock, settings, place: home.place });
  await migrateDatabase(postgres.ownerUrl, postgres.url);
  const ending = new AbortController();
  const supervision = postgres.supervise(ending.signal);
  const database = openDatabase(postgres.url, { log });
  const lines: string[] = [];

  const port = await freePort();
  const simulator = await startPart({
    name: "simulator",
    command: [
      program,
      "simulate",
      "--port",
      `${port}`,
      "--boot-ms",
      "800",
      "--lag-ms",
      "300",
      "--get-lag-ms",
      "300",
      "--rate-limits",
      "off",
      "--token",
      secrets.providerToken,
      "--state-file",
      join(home.path, "account.json"),
    ],
    env: {},
    ready: /simulator on (http:\S+)/,
    lines,
  });
  const apiToken = `arc_${randomBytes(32).toString("base64url")}`;
  const env = {
    DATABASE_URL: postgres.url,
    ARCADIA_DATA_DIR: join(home.path, "data"),
    DIGITALOCEAN_TOKEN: secrets.providerToken,
    DIGITALOCEAN_API_URL: simulator.said,
    ARCADIA_DOMAIN: "example.com",
    ARCADIA_ADMIN_TOKEN: apiToken,
    ARCADIA_SECRET_KEY: randomBytes(32).toString("hex"),
    ARCADIA_POLL_SECONDS: "0.5",
    ARCADIA_SETTLE_SECONDS: "2",
    ARCADIA_DNS_DRAIN: "off",
    ARCADIA_WAIT_ACTIVE_SECONDS: "90",
    ARCADIA_COMPENSATE_SECONDS: "600",
    ARCADIA_REQUESTS_PER_MINUTE: "100000",
    ARCADIA_REQUESTS_PER_HOUR: "1000000",
    ARCADIA_LOG_LEVEL: "info",
    PORT: `${await freePort()}`,
  };
  const server = await startPart({
    name: "server",
    command: [program, "serve"],
    env,
    ready: /ready on (http:\S+)/,
    lines,
  });
  const workers = await Promise.all(
    Array.from({ length: workerCount }, (_, index) =>
      startPart({
        name: `worker ${index + 1}`,
        command: [program, "worker"],
        env,
        ready: /Worker (\S+) is at work/,
        lines,
      }),
    ),
  );
  return {
    database,
    apiUrl: server.said,
    apiToken,
    providerUrl: simulator.said,
    simulator,
    server,
    workers,
    lines,
    async endDatabase(signal) {
      const [pid] = (await readFile(join(lock.directory, "postgres", "postmaster.pid"), "utf8")).split("\n");
      process.kill(Number(pid), signal);
    },
    async [Symbol.asyncDispose]() {
      for (const part of [...workers, server, simulator]) {
        part.thaw();
        await part.kill();
      }
      await database.close();
      ending.abort();
      await supervision;
      await postgres.stop();
      lock.release();
      await home[Symbol.asyncDispose]();
    },
  };
}
