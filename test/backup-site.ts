import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Config, readConfig } from "#config.ts";
import { openLog } from "#log.ts";
import { backUp } from "#main/backup.ts";
import { restore, type RestoreOptions } from "#main/restore.ts";
import { serve } from "#main/serve.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server.ts";
import { createDataDirectory } from "./data-directory.ts";
import { settings } from "./stack.ts";

const log = openLog("fatal");

/** A data directory with a configuration of its own, on the provider given; servers on it are stopped at the end. */
export async function site(simulator: RunningSimulator) {
  const directory = await createDataDirectory();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const { ARCADIA_SECRET_KEY: _, ...common } = settings(simulator.url);
  const config: Config = readConfig({ ...common, ARCADIA_DATA_DIR: directory.path });
  const parts = { config, log, place: directory.place };
  let running: { stop(): Promise<void>; url: string } | undefined;
  const stop = async () => {
    await running?.stop();
    running = undefined;
  };
  onTestFinished(stop);
  return {
    path: directory.path,
    file: join(directory.path, "..", "arcadia.backup"),
    backUp: (file: string) => backUp({ ...parts, file }),
    /** A directory without a key has nothing to verify a backup with; what was unfinished goes on all the same. */
    restore: (file: string, options: Partial<RestoreOptions> & { secretKey?: string } = {}) => {
      const { secretKey = config.secretKey, allowUnverified = true, ...rest } = options;
      return restore({ ...parts, config: { ...config, secretKey }, file, allowUnverified, hold: false, ...rest });
    },
    start: async () => void (running = await serve(config, log, { place: directory.place })),
    stop,
    callAs: async (token: string, path: string): Promise<{ status: number }> => {
      const { status } = await fetch(`${running?.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return { status };
    },
    async call(method: string, path: string, body?: object) {
      const token = (await readFile(config.adminTokenFile, "utf8")).trim();
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const answer = await fetch(`${running?.url}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return answer.json();
    },
  };
}

export async function provider(options: { bootMs: number }): Promise<RunningSimulator> {
  const simulator = await startSimulator({
    lagMs: 100,
    getLagMs: 100,
    rateLimits: "off",
    domain: "example.com",
    ...options,
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

export type Site = Awaited<ReturnType<typeof site>>;
