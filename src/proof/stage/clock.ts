import type { Clock } from "#clock.ts";
import { type Actor, never } from "./actor.ts";
import type { Scheduler } from "./scheduler.ts";

/** The clock of one actor, on virtual time. */
export function clockOf(scheduler: Scheduler, actor: Actor): Clock {
  return {
    now: () => new Date(scheduler.now()),
    sleep(ms, signal) {
      if (actor.state === "dead") return never();
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const stop = (): void => {
          scheduler.cancel(timer);
          reject(signal?.reason);
        };
        const timer = scheduler.at(actor, scheduler.now() + Math.max(0, Math.ceil(ms)), () => {
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
      scheduler.at(actor, scheduler.now() + Math.ceil(ms), () =>
        controller.abort(new DOMException("The time is up", "TimeoutError")),
      );
      return controller.signal;
    },
  };
}
