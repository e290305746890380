import { after, type Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import { findPostmaster, isAlive } from "./postmaster.ts";

/** How long a fast shutdown, with its last checkpoint, may take before it is cut short. */
const fastMs = 20_000;
const immediateMs = 5_000;
const lookEveryMs = 10;

/**
 * Ends the server that runs on `data`, and waits for it: first orderly, cutting open connections, then at once, which
 * makes the next start recover. Does nothing when none runs.
 */
export async function stopPostmaster(data: string, clock: Clock, log: Log): Promise<void> {
  const running = await findPostmaster(data);
  if (!running) return;
  if (await ends(running.pid, "SIGINT", fastMs, clock)) return;
  log.warn(
    { pid: running.pid, data },
    "Embedded PostgreSQL did not stop in time: stopping it at once, the next start will recover",
  );
  if (await ends(running.pid, "SIGQUIT", immediateMs, clock)) return;
  throw new Error(`The embedded PostgreSQL (process ${running.pid}, ${data}) does not stop: end it by hand.`);
}

async function ends(pid: number, signal: NodeJS.Signals, ms: number, clock: Clock): Promise<boolean> {
  const deadline = after(clock.now(), ms);
  process.kill(pid, signal);
  while (clock.now() < deadline) {
    if (!isAlive(pid)) return true;
    await clock.sleep(lookEveryMs);
  }
  return false;
}
