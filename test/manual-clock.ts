import type { Clock } from "#clock.ts";

export interface ManualClock extends Clock {
  /** Lets `ms` pass at once; what was waiting for a time up to then goes on. */
  advance(ms: number): void;
  /** How many sleepers there are. */
  sleeping(): number;
}

/** A clock that stands still until it is told to go on. */
export function createManualClock(start = new Date("2026-11-01T12:00:00Z")): ManualClock {
  let time = start.getTime();
  let waiting: { at: number; sleeper: boolean; wake: () => void }[] = [];
  return {
    now: () => new Date(time),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        signal?.addEventListener("abort", () => reject(signal.reason));
        if (ms <= 0) resolve();
        else waiting.push({ at: time + ms, sleeper: true, wake: resolve });
      }),
    timeout(ms) {
      const controller = new AbortController();
      waiting.push({
        at: time + ms,
        sleeper: false,
        wake: () => controller.abort(new DOMException("The time is up", "TimeoutError")),
      });
      return controller.signal;
    },
    sleeping: () => waiting.filter((each) => each.sleeper).length,
    advance(ms) {
      time += ms;
      const due = waiting.filter((each) => each.at <= time);
      waiting = waiting.filter((each) => each.at > time);
      for (const { wake } of due) wake();
    },
  };
}
