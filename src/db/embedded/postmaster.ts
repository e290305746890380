import { readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { readSmallFile, writeAs } from "./as-account.ts";
import type { Cluster } from "./cluster.ts";
import { run } from "./program.ts";

/** A live PostgreSQL server on a data directory, as its `postmaster.pid` describes it. */
export interface Postmaster {
  readonly pid: number;
  /** Where its socket is; empty: it has none. */
  readonly sockets: string;
  /** Where it listens on TCP; empty: nowhere. */
  readonly listens: string;
  /** Whether it takes connections by now; it may still be starting, recovering from a crash or shutting down. */
  readonly ready: boolean;
}

/** What is needed of a cluster to find its server. */
export type Found = Pick<Cluster, "data" | "account">;

const pidFile = (data: string): string => join(data, "postmaster.pid");

/**
 * The server that runs on the cluster, whoever started it. The file's lines are: process id, data directory, start
 * time, port, socket directory, listen address, shared memory, status (PostgreSQL's miscinit.c and pidfile.h).
 */
export async function findPostmaster(cluster: Found): Promise<Postmaster | undefined> {
  const lines = ((await readSmallFile(pidFile(cluster.data), cluster.account)) ?? "").split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !lines[3]) return undefined;
  // Ours: disowned already. To write it once more could come after the server that we started wrote its own.
  if (pid === process.pid || !isAlive(pid)) return undefined;
  if (!(await worksIn(pid, cluster))) {
    await disown(cluster, lines);
    return undefined;
  }
  const [sockets = "", listens = ""] = lines.slice(4).map((line) => line.trim());
  return { pid, sockets, listens, ready: lines[7]?.trim() === "ready" };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether the process is a server on the cluster: after a reboot the number may be anybody's. */
async function worksIn(pid: number, { data, account }: Found): Promise<boolean> {
  try {
    if (process.platform !== "linux")
      return (await run("/bin/ps", ["-o", "command=", "-p", String(pid)], undefined)).includes(data);
    const { uid } = await stat(`/proc/${pid}`);
    return uid === (account?.uid ?? process.geteuid?.()) && (await readlink(`/proc/${pid}/cwd`)) === data;
  } catch {
    // It ended meanwhile, or is not ours to look at: then it is not our server either.
    return false;
  }
}

/**
 * PostgreSQL refuses to start while the process in its file lives, whatever it is. It disregards the number of its own
 * parent, which is us; removing the file would also lose its check for surviving backends.
 */
async function disown({ data, account }: Found, lines: string[]): Promise<void> {
  await writeAs(account, pidFile(data), [String(process.pid), ...lines.slice(1)].join("\n"));
}
