import type { Clock } from "#clock.ts";

/** Lets a sleeper be woken early. A ring with nobody asleep is kept for the next sleep. */
export interface Doorbell {
  ring(): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

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
