import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
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
const cloudProgram = fileURLToPath(new URL("cloud/main.ts", import.meta.url));

export interface Installation extends AsyncDisposable {
  readonly database: Database;
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly cloudUrl: string;
  readonly cloud: Part;
  /** Of the provider: all that it has ever had. */
  readonly journal: string;
  readonly server: Part;
  readonly workers: readonly Part[];
  /** Everything that any part printed. */
  readonly lines: readonly string[];
  /** kill -9 of the database server, or a fast shutdown; it is started again by its supervisor. */
  endDatabase(signal: "SIGKILL" | "SIGINT"): Promise<void>;
}

export interface InstallOptions {
  readonly workers: number;
  readonly seed: number;
  readonly providerToken: string;
  /** What differs from storm to storm. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A whole installation of real processes: PostgreSQL with fsync on, a provider that lies, server, workers. */
export async function install(options: InstallOptions): Promise<Installation> {
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
  const journal = join(home.path, "cloud.journal");
  const asked = { port, seed: options.seed, token: options.providerToken, journal };
  const cloud = await startPart({
    name: "cloud",
    command: [
      process.execPath,
      cloudProgram,
      ...Object.entries(asked).flatMap(([name, value]) => [`--${name}`, `${value}`]),
    ],
    env: {},
    ready: /cloud on (http:\S+)/,
    lines,
  });
  const apiToken = `arc_${randomBytes(32).toString("base64url")}`;
  const env = {
    DATABASE_URL: postgres.url,
    ARCADIA_DATA_DIR: join(home.path, "data"),
    DIGITALOCEAN_TOKEN: options.providerToken,
    DIGITALOCEAN_API_URL: cloud.said,
    ARCADIA_DOMAIN: "example.com",
    ARCADIA_ADMIN_TOKEN: apiToken,
    ARCADIA_SECRET_KEY: randomBytes(32).toString("hex"),
    ARCADIA_POLL_SECONDS: "0.5",
    ARCADIA_SETTLE_SECONDS: "4",
    // A storm destroys as much as it likes.
    ARCADIA_DESTROYS_PER_HOUR: "1000000",
    ARCADIA_DNS_DRAIN: "off",
    ARCADIA_DNS_TTL_SECONDS: "30",
    ARCADIA_WAIT_ACTIVE_SECONDS: "30",
    ARCADIA_COMPENSATE_SECONDS: "600",
    ARCADIA_REQUESTS_PER_MINUTE: "100000",
    ARCADIA_REQUESTS_PER_HOUR: "1000000",
    ARCADIA_LOG_LEVEL: "info",
    PORT: `${await freePort()}`,
    ...options.settings,
  };
  const server = await startPart({
    name: "server",
    command: [program, "serve"],
    env,
    ready: /ready on (http:\S+)/,
    lines,
  });
  const workers = await Promise.all(
    Array.from({ length: options.workers }, (_, index) =>
      startPart({
        name: `worker ${index + 1}`,
        command: [program, "worker"],
        env,
        ready: /Worker (\S+) is at work/,
        lines,
      }),
    ),
  );
  const postmaster = join(lock.directory, "postgres", "postmaster.pid");
  const endNow = () => {
    if (existsSync(postmaster)) process.kill(Number(readFileSync(postmaster, "utf8").split("\n")[0]), "SIGQUIT");
    rmSync(home.path, { recursive: true, force: true });
  };
  process.once("exit", endNow);
  return {
    database,
    apiUrl: server.said,
    apiToken,
    cloudUrl: cloud.said,
    cloud,
    journal,
    server,
    workers,
    lines,
    async endDatabase(signal) {
      const [pid] = (await readFile(postmaster, "utf8")).split("\n");
      process.kill(Number(pid), signal);
    },
    async [Symbol.asyncDispose]() {
      for (const part of [...workers, server, cloud]) {
        part.thaw();
        await part.kill();
      }
      await database.close();
      ending.abort();
      await supervision;
      await postgres.stop();
      lock.release();
      process.off("exit", endNow);
      await home[Symbol.asyncDispose]();
    },
  };
}
