import { after, type Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import type { Account } from "./account.ts";
import { signalAs } from "./as-account.ts";
import { findPostmaster, type Found, isAlive } from "./postmaster.ts";

/** How long a fast shutdown, with its last checkpoint, may take before it is cut short. */
const fastMs = 20_000;
const immediateMs = 5_000;
const lookEveryMs = 10;

/**
 * Ends the server that runs on the cluster, and waits for it: first orderly, cutting open connections, then at once, which
 * makes the next start recover. Does nothing when none runs.
 */
export async function stopPostmaster(cluster: Found, clock: Clock, log: Log): Promise<void> {
  const running = await findPostmaster(cluster);
  if (!running) return;
  const { data, account } = cluster;
  if (await ends(running.pid, "INT", fastMs, clock, account)) return;
  log.warn(
    { pid: running.pid, data },
    "Embedded PostgreSQL did not stop in time: stopping it at once, the next start will recover",
  );
  if (await ends(running.pid, "QUIT", immediateMs, clock, account)) return;
  throw new Error(`The embedded PostgreSQL (process ${running.pid}, ${data}) does not stop: end it by hand.`);
}

async function ends(
  pid: number,
  signal: "INT" | "QUIT",
  ms: number,
  clock: Clock,
  account: Account | undefined,
): Promise<boolean> {
  const deadline = after(clock.now(), ms);
  try {
    await signalAs(account, pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (isAlive(pid)) throw error;
  }
  while (clock.now() < deadline) {
    if (!isAlive(pid)) return true;
    await clock.sleep(lookEveryMs);
  }
  return false;
}
