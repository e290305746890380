import { createStore, type Store } from "#dashboard/app/store.ts";
import type { BrowserClock } from "#dashboard/time/browser-clock.ts";

/** Whether the server answers. */
export interface Connection extends Pick<Store<Date | null>, "get" | "subscribe"> {
  answered(): void;
  failed(): void;
}

/** `get()` is null while the server answers, and since when it does not. */
export function createConnection(clock: BrowserClock): Connection {
  const lostSince = createStore<Date | null>(null);
  return {
    get: lostSince.get,
    subscribe: lostSince.subscribe,
    answered: () => lostSince.set(null),
    failed: () => {
      if (lostSince.get() === null) lostSince.set(clock.now());
    },
  };
}
