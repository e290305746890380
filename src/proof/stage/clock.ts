import type { Clock } from "#clock.ts";
import { type Actor, never } from "./actor.ts";
import type { Scheduler } from "./scheduler.ts";

/** The clock of one actor, on virtual time. @param tickMs for how long it stands still: many things are at one moment then */
export function clockOf(scheduler: Scheduler, actor: Actor, tickMs = 1): Clock {
  const shown = (): number => Math.floor(scheduler.now() / tickMs) * tickMs;
  /** When it shows that so much has passed. */
  const at = (ms: number): number =>
    Math.max(scheduler.now(), Math.ceil((shown() + Math.max(0, ms)) / tickMs) * tickMs);
  return {
    now: () => new Date(shown()),
    sleep(ms, signal) {
      if (actor.state === "dead") return never();
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const stop = (): void => {
          scheduler.cancel(timer);
          reject(signal?.reason);
        };
        const timer = scheduler.at(actor, at(ms), () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        });
        signal?.addEventListener("abort", stop, { once: true });
      });
    },
    timeout(ms) {
      const controller = new AbortController();
      // Node.js keeps a signal that was made of others until one of them aborts.
      scheduler.onClose(() => controller.abort());
      scheduler.at(actor, at(ms), () => controller.abort(new DOMException("The time is up", "TimeoutError")));
      return controller.signal;
    },
  };
}
