import type { Clock } from "#clock.ts";
import type { Doorbell } from "./worker.ts";

export function createDoorbell(clock: Clock): Doorbell {
  let ring = (): void => undefined;
  let rung = false;
  return {
    ring() {
      rung = true;
      ring();
    },
    async wait(ms, signal) {
      const asleep = new AbortController();
      ring = () => asleep.abort();
      if (!rung) await clock.sleep(ms, AbortSignal.any([signal, asleep.signal])).catch(() => undefined);
      rung = false;
      signal.throwIfAborted();
    },
  };
}
