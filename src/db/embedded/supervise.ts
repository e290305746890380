import type { Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import type { Cluster } from "./cluster.ts";
import { findPostmaster, isAlive } from "./postmaster.ts";

export interface Supervision {
  cluster: Cluster;
  /** Where everybody expects the server. */
  url: string;
  start(): Promise<{ url: string }>;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

const lookEveryMs = 500;
/** How many looks only ask whether its process is there, which costs next to nothing; then it may be somebody else's by now. */
const glances = 20;

/** Starts the server on the cluster again whenever none runs, until the signal aborts. */
export async function supervise({ cluster, url, start, clock, log, signal }: Supervision): Promise<void> {
  let pid: number | undefined;
  for (let look = 0; await pause(clock, signal); look += 1) {
    if (pid !== undefined && look % glances > 0 && isAlive(pid)) continue;
    pid = (await findPostmaster(cluster))?.pid;
    if (pid !== undefined) continue;
    log.error({ data: cluster.data }, "Embedded PostgreSQL ended by itself; it is started again");
    const again = await start();
    if (again.url === url) continue;
    throw new Error(
      `The embedded PostgreSQL on ${cluster.data} had to move to another socket, because the directory of its own is gone. ` +
        "It runs there, and this process cannot reach it: start this process again.",
    );
  }
}

/** False as soon as the signal aborts. */
async function pause(clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(lookEveryMs, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
