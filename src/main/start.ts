import { readFile } from "node:fs/promises";
import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";
import { type Config, ConfigError, readConfig } from "#config.ts";
import { ClockSkew } from "#db/clock-check.ts";
import { DirectoryInUse } from "#db/embedded/lock.ts";
import { SchemaMismatch } from "#db/migrate.ts";
import { DatabaseUnusable } from "#db/unusable.ts";
import { type Log, openLog } from "#log.ts";
import { claimDirectory } from "#private-directory.ts";
import { NotPrivate } from "#private-file.ts";
import { CannotListen } from "./cannot-listen.ts";
import { untilAsked } from "./shutdown.ts";

/** Runs the server until it is asked to stop. @returns the exit status */
export const runServer = (): Promise<number> =>
  guarded(async (config, log) => {
    // In a directory that only we enter: what is in it is run. The next start takes half the time.
    claimDirectory(config.dataDirectory);
    enableCompileCache(join(config.dataDirectory, "compile-cache"));
    const { serve } = await import("./serve.ts");
    const serving = await serve(config, log);
    flushCompileCache();
    if (serving.newTokenFile) await tellToken(serving.newTokenFile);
    if (serving.simulated) console.log("SIMULATED: no DIGITALOCEAN_TOKEN is set, no real droplet is made");
    console.log(`Arcadia Cloud is ready on ${serving.url}`);
    await untilAsked(log);
    await serving.stop();
    console.log("Stopped.");
  });

/** Runs a worker by itself until it is asked to stop. @returns the exit status */
export const runWorkerAlone = (): Promise<number> =>
  guarded(async (config, log) => {
    const { work } = await import("./worker.ts");
    const working = await work(config, log);
    console.log(`Worker ${working.id} is at work`);
    await untilAsked(log);
    await working.stop();
    console.log("Stopped.");
  });

/** On a terminal the token itself; what is piped ends in a log, where no secret may be. */
async function tellToken(file: string): Promise<void> {
  if (!process.stdout.isTTY) console.log(`The admin token is in ${file}`);
  else console.log(`Admin token, shown this once (also in ${file}): ${(await readFile(file, "utf8")).trim()}`);
}

/** What stays wrong until somebody changes it, and what may be over at the next try. */
const lasting = [ConfigError, SchemaMismatch, NotPrivate];
const passing = [DatabaseUnusable, DirectoryInUse, ClockSkew, CannotListen];

async function guarded(run: (config: Config, log: Log) => Promise<void>): Promise<number> {
  try {
    const config = readConfig();
    await run(config, openLog(config.logLevel));
    return 0;
  } catch (error) {
    const isOne = (kinds: readonly (new (...args: never[]) => Error)[]) => kinds.some((kind) => error instanceof kind);
    const known = error instanceof Error && (isOne(lasting) || isOne(passing));
    console.error(known ? error.message : error);
    return isOne(lasting) ? 2 : 1;
  }
}

if (import.meta.main) process.exitCode = await runServer();
