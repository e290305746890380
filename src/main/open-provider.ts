import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { type Config, ConfigError } from "#config.ts";
import type { Log } from "#log.ts";
import { claimDirectory } from "#private-directory.ts";
import { readPrivateFile, replacePrivateFile } from "#private-file.ts";

/** Where the provider is, and whether it is only our simulator. */
export interface ProviderAccess {
  readonly url: string;
  readonly token: string;
  readonly zone: string | undefined;
  readonly simulated: boolean;
  /** The HTTP proxy that leads to its droplets, where they are reached by no other way or another was asked for. */
  readonly probeProxy: string | undefined;
  close(): Promise<void>;
}

const defaultZone = "example.com";
const runningSimulator = z.object({ url: z.string(), token: z.string() });
const fileOf = (config: Config): string => join(config.dataDirectory, "simulator.json");

/** The account of the token; without one the built-in simulator, whose account lives in the data directory. */
export async function openProvider(config: Config, log: Log, lagMs?: number): Promise<ProviderAccess> {
  const { token, url, domain } = config.provider;
  const { probeProxy } = config;
  if (token !== undefined)
    return { url, token, zone: domain, simulated: false, probeProxy, close: async () => undefined };
  const zone = domain ?? defaultZone;
  const made = randomBytes(16).toString("hex");
  // Whoever has a token needs none of it.
  const { startSimulator } = await import("#simulator/server.ts");
  const simulator = await startSimulator({
    bootMs: config.simulatorBootMs,
    token: made,
    domain: zone,
    stateFile: join(config.dataDirectory, "simulator-account.json"),
    log,
    ...(lagMs !== undefined && { lagMs }),
  });
  await replacePrivateFile(fileOf(config), JSON.stringify({ url: simulator.url, token: made }));
  log.warn(
    { url: simulator.url },
    "NO DIGITALOCEAN_TOKEN IS SET: everything happens in the built-in simulator, nothing is real",
  );
  const own = { url: simulator.url, token: made, zone, simulated: true, probeProxy: probeProxy ?? simulator.url };
  return { ...own, close: () => simulator.close() };
}

/** A worker's provider: that of its token, or the simulator that a server on this data directory runs. */
export async function joinProvider(config: Config): Promise<ProviderAccess> {
  const { token, url, domain } = config.provider;
  const { probeProxy } = config;
  const close = async () => undefined;
  if (token !== undefined) return { url, token, zone: domain, simulated: false, probeProxy, close };
  claimDirectory(config.dataDirectory);
  const found = await readPrivateFile(fileOf(config));
  if (found === undefined)
    throw new ConfigError(
      "No DIGITALOCEAN_TOKEN is set, and no server on this data directory runs a simulator to share; nothing was started",
    );
  const simulator = runningSimulator.parse(JSON.parse(found));
  const zone = domain ?? defaultZone;
  return { ...simulator, zone, simulated: true, probeProxy: probeProxy ?? simulator.url, close };
}
