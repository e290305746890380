import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { giveBack } from "./attempt-store.ts";
import { type Courier, deliverLane } from "./deliver.ts";
import { dispatch, isBusy, laneOf } from "./dispatch.ts";
import { transact } from "#db/transact.ts";

/** Wake-ups of lanes, by key: one that comes while its lane is worked on is kept. */
export interface Lanes {
  /** Gives back what the dead held. */
  tend(): Promise<void>;
  wake(tx: Tx, key: string, at: Date): Promise<void>;
  fetch(count: number): Promise<readonly { readonly id: string; readonly key: string }[]>;
  complete(id: string): Promise<void>;
}

/** The queue of the lanes in which messages are delivered. */
export const webhookQueue = "webhooks";

export interface RunnerOptions extends Omit<Courier, "wake"> {
  readonly lanes: Lanes;
  /** How many lanes are worked on at once. Default 20. */
  readonly slots?: number;
  /** Between two looks for something to do, in milliseconds. Default 500. */
  readonly pollMs?: number;
  /** The longest between two looks while something is to be tried again later. Default as `pollMs`. */
  readonly busyMs?: number;
  /** The longest while there is nothing at all. Default as `busyMs`. */
  readonly restMs?: () => number;
  /** Waits so long, or until somebody thinks that there may be something to do. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Between two times that the queue is tended, while there is something to deliver. Milliseconds. */
const tendMs = 30_000;

/** Turns messages into deliveries and delivers them until `signal` aborts; what was begun is then taken up by another. */
export async function runWebhooks(options: RunnerOptions, signal: AbortSignal): Promise<void> {
  const { lanes, clock, db, log, pauses, slots = 20, pollMs = 500, busyMs = pollMs, restMs = () => busyMs } = options;
  const { wait = (ms: number) => clock.sleep(ms, signal) } = options;
  let pauseMs = pollMs;
  const courier: Courier = { ...options, wake: lanes.wake };
  const running = new Set<Promise<void>>();
  const work = async (id: string, key: string) => {
    try {
      await deliverLane(courier, laneOf(key), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await transact(db, async (tx) => {
        await giveBack(tx, laneOf(key));
        await lanes.wake(tx, key, clock.now());
      });
    }
    await lanes.complete(id);
  };
  const rest = async (longestMs: number) => {
    await wait(Math.min(pauseMs, longestMs), signal);
    pauseMs = Math.min(pauseMs * 2, longestMs);
  };
  let tendAt = clock.now();
  const turn = async () => {
    if (running.size === 0 && !(await isBusy(db))) return rest(restMs());
    if (clock.now() >= tendAt) {
      tendAt = after(clock.now(), tendMs);
      await lanes.tend();
    }
    const handled = await dispatch(db, pauses.length + 1, (tx, key) => lanes.wake(tx, key, clock.now()));
    const jobs = await lanes.fetch(Math.max(0, slots - running.size));
    for (const { id, key } of jobs) {
      const one = work(id, key)
        // Its wake-up comes back by itself: the queue gives it to the next worker once it has expired.
        .catch((err: unknown) =>
          log.error({ err, lane: key }, "A webhook's lane could not be worked on; it comes back"),
        )
        .finally(() => running.delete(one));
      running.add(one);
    }
    if (running.size >= slots) await Promise.race(running);
    else if (handled === 0 && jobs.length === 0) await rest(busyMs);
    else pauseMs = pollMs;
  };
  while (!signal.aborted)
    await turn().catch(async (error: unknown) => {
      if (signal.aborted) return;
      log.warn({ err: error }, "Webhooks met an error and go on in a moment");
      await clock.sleep(pollMs, signal).catch(() => undefined);
    });
  await Promise.all(running);
}
