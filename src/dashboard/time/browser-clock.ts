/** Time in the browser. The one file of the dashboard that touches timers. */
export interface BrowserClock {
  now(): Date;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `tick` every `ms` milliseconds. @returns the function that ends it */
  every(ms: number, tick: () => void): () => void;
  /** A signal that aborts after `ms` milliseconds, unless the limit is lifted before. */
  limit(ms: number): { readonly signal: AbortSignal; lift(): void };
}

export const browserClock: BrowserClock = {
  now: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
  limit(ms) {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), ms);
    return { signal: over.signal, lift: () => clearTimeout(timer) };
  },
};
