import { readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./program.ts";

/** A live PostgreSQL server on a data directory, as its `postmaster.pid` describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Whether it takes connections by now; it may still be starting, recovering from a crash or shutting down. */
  readonly ready: boolean;
}

const pidFile = (data: string): string => join(data, "postmaster.pid");

/**
 * The server that runs on `data`, whoever started it. The file's lines are: process id, data directory, start time,
 * port, socket directory, listen address, shared memory, status (PostgreSQL's miscinit.c and pidfile.h).
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(data), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!pid || !lines[3]) return undefined;
  if (!isAlive(pid)) return undefined;
  if (!(await worksIn(pid, data))) {
    await disown(data, lines);
    return undefined;
  }
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether the process is a server on `data`: after a reboot the number may be anybody's. */
async function worksIn(pid: number, data: string): Promise<boolean> {
  try {
    if (process.platform === "linux") return (await readlink(`/proc/${pid}/cwd`)) === data;
    return (await run("/bin/ps", ["-o", "command=", "-p", String(pid)], undefined)).includes(data);
  } catch {
    // It ended meanwhile, or is not ours to look at: then it is not our server either.
    return false;
  }
}

/**
 * PostgreSQL refuses to start while the process in its file lives, whatever it is. It disregards the number of its own
 * parent, which is us; removing the file would also lose its check for surviving backends.
 */
async function disown(data: string, lines: string[]): Promise<void> {
  await writeFile(pidFile(data), [String(process.pid), ...lines.slice(1)].join("\n"));
}
