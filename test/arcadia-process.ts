import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { createDataDirectory } from "./data-directory.ts";

export const arcadiaProgram = fileURLToPath(new URL("../bin/arcadia", import.meta.url));

// Never called: by it `vitest --changed` knows that a change of the program reaches the tests which run it as a process.
void (() => import("#cli/main.ts"));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the developer's own environment reaches a process under test. */
const plainPath = { PATH: "/usr/bin:/bin" };

/** Starts `arcadia` and waits for its end. @param heard gets all of its stdout so far, each time that it prints */
export async function runArcadia(
  args: readonly string[],
  env: Record<string, string> = {},
  program = arcadiaProgram,
  heard?: (stdout: string, child: ChildProcess) => void,
): Promise<Ran> {
  const child = spawn(program, args, { env: { ...plainPath, ...env }, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let seen = "";
  child.stdout.on("data", (bytes: Buffer) => {
    seen += String(bytes);
    heard?.(seen, child);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { status: child.exitCode, stdout, stderr };
}

export interface Server extends AsyncDisposable {
  /** By which the CLI finds this server. */
  environment(): Record<string, string>;
  /** Runs the CLI against this server. */
  arcadia(args: readonly string[], env?: Record<string, string>): Promise<Ran>;
  /** Runs the CLI against this server, and does something once its stdout holds the text. */
  during(args: readonly string[], text: string, act: (child: ChildProcess) => unknown): Promise<Ran>;
  /** What the CLI prints as JSON, which must be `schema`'s. */
  json<S extends z.ZodType>(schema: S, args: readonly string[]): Promise<z.infer<S>>;
  /** Makes the simulator answer the next `times` requests of that kind as said. */
  armFault(fault: object): Promise<void>;
  /** One request to its simulator by somebody who is not us. */
  provider(method: string, path: string, body?: object): Promise<unknown>;
  /** kill -9, then a new start on the same port and data. */
  crashAndRestart(): Promise<void>;
  /** SIGTERM. @returns the exit status */
  stop(): Promise<number | null>;
}

/** `arcadia serve` with its embedded database and simulator in a data directory of its own. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const data = await createDataDirectory();
  const common = { ...settings, ARCADIA_DATA_DIR: data.path, ARCADIA_LOG_LEVEL: "error" };
  let { child, url } = await spawnServer({ ...common, PORT: "0" });
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  const here = () => ({ ARCADIA_DATA_DIR: data.path, ARCADIA_API_URL: url });
  const arcadia = (args: readonly string[], env: Record<string, string> = {}) =>
    runArcadia(args, { ...here(), ...env });
  return {
    environment: here,
    arcadia,
    async during(args, said, act) {
      let acted: unknown;
      const ran = await runArcadia(args, here(), arcadiaProgram, (stdout, it) => {
        if (stdout.includes(said)) acted ??= act(it) ?? true;
      });
      await acted;
      return ran;
    },
    async json(schema, args) {
      const ran = await arcadia([...args, "--json"]);
      if (ran.status !== 0) throw new Error(`arcadia ${args.join(" ")} exits with ${ran.status}: ${ran.stderr}`);
      return schema.parse(JSON.parse(ran.stdout));
    },
    async provider(method, path, body) {
      const simulator = JSON.parse(await readFile(join(data.path, "simulator.json"), "utf8"));
      const headers = { authorization: `Bearer ${simulator.token}` };
      const answer = await fetch(simulator.url + path, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`The simulator refused: ${await answer.text()}`);
      return answer.status === 204 ? undefined : answer.json();
    },
    async armFault(fault) {
      const simulator = JSON.parse(await readFile(join(data.path, "simulator.json"), "utf8"));
      const answer = await fetch(`${simulator.url}/_sim/faults`, { method: "POST", body: JSON.stringify(fault) });
      if (!answer.ok) throw new Error(`The fault was refused: ${await answer.text()}`);
    },
    async crashAndRestart() {
      await kill("SIGKILL");
      ({ child, url } = await spawnServer({ ...common, PORT: new URL(url).port }));
    },
    stop: () => kill("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await kill("SIGTERM");
      const cluster = await realpath(join(data.path, "postgres"));
      await data[Symbol.asyncDispose]();
      // As root the database lives outside the data directory.
      await rm(dirname(cluster), { recursive: true, force: true });
    },
  };
}

async function spawnServer(env: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  const child = spawn(arcadiaProgram, ["serve"], { env: { ...plainPath, ...env }, cwd: "/", stdio });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /ready on (http:\S+)$/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error("The server ended before it was ready");
}
