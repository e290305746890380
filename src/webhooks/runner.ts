import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { giveBack } from "./attempt-store.ts";
import { type Courier, deliverLane } from "./deliver.ts";
import { dispatch, isBusy, laneOf, type Woken } from "./dispatch.ts";
import { transact } from "#db/transact.ts";

/** Wake-ups of lanes, by key: one that comes while its lane is worked on is kept. */
export interface Lanes {
  /** Gives back what the dead held. */
  tend(): Promise<void>;
  wake(tx: Tx, lane: Woken, at: Date): Promise<void>;
  /** `share`: of one group no more are worked on at once. */
  fetch(count: number, share: number): Promise<readonly (Woken & { readonly id: string })[]>;
  complete(id: string): Promise<void>;
}

/** The queue of the lanes in which messages are delivered. */
export const webhookQueue = "webhooks";

export interface RunnerOptions extends Courier {
  readonly lanes: Lanes;
  /** How many lanes are worked on at once. Default 40. */
  readonly slots?: number;
  /** How many of them are one tenant's at most, or one webhook's that is not one tenant's. Default 4. */
  readonly share?: number;
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
  const { lanes, clock, db, log, pauses, pollMs = 500, busyMs = pollMs, restMs = () => busyMs } = options;
  const { slots = 40, share = 4, wait = clock.sleep } = options;
  let pauseMs = pollMs;
  const running = new Set<Promise<void>>();
  const work = async ({ id, key, group }: Woken & { readonly id: string }) => {
    try {
      const again = await deliverLane(options, laneOf(key), signal);
      if (again) await transact(db, (tx) => lanes.wake(tx, { key, group }, again));
    } catch (error) {
      if (!signal.aborted) throw error;
      await transact(db, async (tx) => {
        await giveBack(tx, laneOf(key));
        await lanes.wake(tx, { key, group }, clock.now());
      });
    }
    await lanes.complete(id);
  };
  /** Until there may be something to do; a lane that ends has made room for another of its group. */
  const rest = async (longestMs: number) => {
    const over = new AbortController();
    const waited = wait(Math.min(pauseMs, longestMs), AbortSignal.any([signal, over.signal]));
    await Promise.race([waited, ...running]).finally(() => over.abort());
    pauseMs = Math.min(pauseMs * 2, longestMs);
  };
  let tendAt = clock.now();
  const turn = async () => {
    if (running.size === 0 && !(await isBusy(db))) return rest(restMs());
    if (clock.now() >= tendAt) {
      tendAt = after(clock.now(), tendMs);
      await lanes.tend();
    }
    const handled = await dispatch(db, pauses.length + 1, (tx, lane) => lanes.wake(tx, lane, clock.now()));
    const jobs = await lanes.fetch(Math.max(0, slots - running.size), share);
    for (const job of jobs) {
      const one = work(job)
        // Its wake-up comes back by itself: the queue gives it to the next worker once it has expired.
        .catch((err: unknown) =>
          log.error({ err, lane: job.key }, "A webhook's lane could not be worked on; it comes back"),
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
