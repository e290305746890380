import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rename, stat } from "node:fs/promises";
import type { Cluster } from "./cluster.ts";
import { spawnOptions } from "./program.ts";
import { socketSettings } from "./socket.ts";

/** Settings beside PostgreSQL's defaults, e.g. `{ fsync: "off" }`. */
export type Settings = Readonly<Record<string, string>>;

export interface Server {
  readonly pid: number | undefined;
  /** Undefined while it runs; then why it ended. */
  ended(): string | undefined;
}

/**
 * At rest, nearly all that is written to the log are whole pages: one for every page that is touched after a checkpoint.
 * With few checkpoints, and pages compressed, that is a MB a day; to recover takes no more than some seconds longer, since
 * a log of a GB brings a checkpoint too. Nothing follows this server, so nothing is written for those that would.
 */
const frugal: Settings = {
  wal_compression: "on",
  checkpoint_timeout: "4h",
  wal_level: "minimal",
  max_wal_senders: "0",
};

/**
 * Starts the server in a session of its own: Ctrl-C in our terminal does not reach it, and it outlives our death.
 * It listens on a socket in `sockets` and not on TCP, and writes its log to `logFile`.
 */
export function launch(cluster: Cluster, sockets: string, logFile: string, settings: Settings): Server {
  const all = { ...frugal, ...settings, ...socketSettings(sockets), authentication_timeout: "5s" };
  const args = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(cluster.binaries.postgres, ["-D", cluster.data, ...args], {
      ...spawnOptions(cluster.account),
      detached: true,
      stdio: ["ignore", log, log],
    });
    let ended: string | undefined;
    child.once("error", (error) => (ended = `it could not be started (${error.message})`));
    child.once("exit", (code, signal) => (ended = signal ? `signal ${signal}` : `exit status ${code}`));
    child.unref();
    return { pid: child.pid, ended: () => ended };
  } finally {
    closeSync(log);
  }
}

const largestLog = 10_000_000;

/** Keeps the log at one old file and one new one; called while no server writes to it. */
export async function rotate(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(() => undefined);
  if (found && found.size > largestLog) await rename(logFile, `${logFile}.old`);
}

/** The last lines of the log, for an error message. */
export async function tail(logFile: string, lines: number): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
