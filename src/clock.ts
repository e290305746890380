import { setTimeout as delay } from "node:timers/promises";

/** Time as the product sees it. Nothing outside this file reads the system clock or sets a timer. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts after `ms` with a TimeoutError. */
  timeout(ms: number): AbortSignal;
  /** Whether it is not known just now what time it is: what must not be late is not begun then. */
  readonly isDoubtful?: () => boolean;
  /** Before something is begun by it: has it compared with what it follows, unless that was just done. Never rejects. */
  readonly refresh?: () => Promise<void>;
}

/** Milliseconds from some moment on, which nobody sets; it may stand still while the machine sleeps. */
export const steadyNow = (): number => performance.now();

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
  timeout: (ms) => AbortSignal.timeout(ms),
};

export const after = (start: Date, ms: number): Date => new Date(start.getTime() + ms);
export const secondsBetween = (start: Date, end: Date): number => (end.getTime() - start.getTime()) / 1000;

/** One turn of the event loop: all that is ready to run has run when it resolves. */
export const turnOfEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** All that waits only for promises has run when it resolves: a tenth of the cost of a turn of the event loop. */
export const promisesSettled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
