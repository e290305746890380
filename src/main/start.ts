import { readFile } from "node:fs/promises";
import { type Config, ConfigError, readConfig } from "#config.ts";
import { ClockSkew } from "#db/clock-check.ts";
import { DirectoryInUse } from "#db/embedded/lock.ts";
import { type Log, openLog } from "#log.ts";
import { serve } from "./serve.ts";
import { untilAsked } from "./shutdown.ts";
import { work } from "./worker.ts";

/** Runs the server until it is asked to stop. @returns the exit status */
export const runServer = (): Promise<number> =>
  guarded(async (config, log) => {
    const serving = await serve(config, log);
    if (serving.newTokenFile) {
      const token = (await readFile(serving.newTokenFile, "utf8")).trim();
      console.log(`Admin token, shown this once (also in ${serving.newTokenFile}): ${token}`);
    }
    if (serving.simulated) console.log("SIMULATED: no DIGITALOCEAN_TOKEN is set, no real droplet is made");
    console.log(`Arcadia Cloud is ready on ${serving.url}`);
    await untilAsked(log);
    await serving.stop();
    console.log("Stopped.");
  });

/** Runs a worker by itself until it is asked to stop. @returns the exit status */
export const runWorkerAlone = (): Promise<number> =>
  guarded(async (config, log) => {
    const working = await work(config, log);
    console.log(`Worker ${working.id} is at work`);
    await untilAsked(log);
    await working.stop();
    console.log("Stopped.");
  });

async function guarded(run: (config: Config, log: Log) => Promise<void>): Promise<number> {
  try {
    const config = readConfig();
    await run(config, openLog(config.logLevel));
    return 0;
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof DirectoryInUse || error instanceof ClockSkew;
    console.error(known ? error.message : error);
    return known ? 2 : 1;
  }
}

if (import.meta.main) process.exitCode = await runServer();
