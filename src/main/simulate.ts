import { parseArgs } from "node:util";
import { type SimulatorOptions, startSimulator } from "#simulator/server.ts";

export const simulateUsage = `Usage: arcadia simulate [options]
  --port N              where to listen on 127.0.0.1 (4010)
  --boot-ms N           from a create to active (3000)
  --lag-ms N            the most that lists, GETs, tags and addresses lag (1500)
  --seed N              the same seed and calls give the same account
  --calm                no surprises: only the boot takes time
  --rate-limits MODE    real or off (real)
  --token T             the only token accepted
  --owner T=USER/TEAM   whose another token is, which is accepted too; T=USER is the user's own; repeatable
  --domain NAME         the zone held at the start (example.com)
  --state-file PATH     keep the account over restarts`;

/** What is wrong with the arguments; the caller prints it and exits with 2. */
export class SimulateUsageError extends Error {
  override readonly name = "SimulateUsageError";
}

/** Turns the command's arguments into options. Throws a SimulateUsageError. */
export function simulateOptions(args: readonly string[]): SimulatorOptions {
  const values = parse(args);
  const rateLimits = values["rate-limits"];
  if (rateLimits !== "real" && rateLimits !== "off") throw new SimulateUsageError("--rate-limits is real or off");
  return {
    port: wholeNumber("--port", values.port, 65_535),
    bootMs: wholeNumber("--boot-ms", values["boot-ms"]),
    lagMs: wholeNumber("--lag-ms", values["lag-ms"]),
    seed: values.seed === undefined ? undefined : wholeNumber("--seed", values.seed),
    calm: values.calm,
    rateLimits,
    token: values.token,
    owners: values.owner && Object.fromEntries(values.owner.map(owner)),
    domain: values.domain,
    stateFile: values["state-file"],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "4010" },
        "boot-ms": { type: "string", default: "3000" },
        "lag-ms": { type: "string", default: "1500" },
        seed: { type: "string" },
        calm: { type: "boolean", default: false },
        "rate-limits": { type: "string", default: "real" },
        token: { type: "string" },
        owner: { type: "string", multiple: true },
        domain: { type: "string", default: "example.com" },
        "state-file": { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new SimulateUsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function owner(text: string) {
  const parts = /^([^=]+)=([^/=]+)(?:\/([^/=]+))?$/.exec(text);
  const [, token, user, team = null] = parts ?? [];
  if (token === undefined || user === undefined)
    throw new SimulateUsageError("--owner is TOKEN=USER/TEAM or TOKEN=USER");
  return [token, { user, team }] as const;
}

function wholeNumber(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max) throw new SimulateUsageError(`${name} is a whole number up to ${max}`);
  return number;
}

/** Runs the simulator until SIGTERM or SIGINT, after one line with its URL. */
export async function simulate(options: SimulatorOptions): Promise<void> {
  const simulator = await startSimulator(options);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  process.stdout.write(`DigitalOcean simulator on ${simulator.url}\n`);
  await stopped;
  await simulator.close();
}

if (import.meta.main) {
  try {
    await simulate(simulateOptions(process.argv.slice(2)));
  } catch (error) {
    const usage = error instanceof SimulateUsageError;
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n${usage ? `${simulateUsage}\n` : ""}`,
    );
    process.exitCode = usage ? 2 : 1;
  }
}
