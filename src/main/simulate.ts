import { readFile } from "node:fs/promises";
import { type SimulatorOptions, startSimulator } from "#simulator/server.ts";

export interface SimulateOptions extends Omit<SimulatorOptions, "tls"> {
  /** Where certificate and key are, as PEM: both, or neither. */
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
}

/**
 * Runs the simulator until SIGTERM or SIGINT, after one line with its URL. Throws when it cannot listen, or a file
 * cannot be read.
 */
export async function simulate({ tlsCert, tlsKey, ...options }: SimulateOptions): Promise<void> {
  const tls =
    tlsCert !== undefined && tlsKey !== undefined
      ? { cert: await readPem("--tls-cert", tlsCert), key: await readPem("--tls-key", tlsKey) }
      : undefined;
  const simulator = await startSimulator({ ...options, tls });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  const known = options.publicUrl === undefined ? "" : `, to its clients ${options.publicUrl}`;
  process.stdout.write(`DigitalOcean simulator on ${simulator.url}${known}\n`);
  await stopped;
  await simulator.close();
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Error(`${option}: ${path} could not be read; nothing was started`, { cause });
  }
}
