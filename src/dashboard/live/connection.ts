import { createStore, type Store } from "#dashboard/app/store.ts";

/** Whether the server answers: null while it does, and since when it does not. */
export interface Connection extends Pick<Store<Date | null>, "get" | "subscribe"> {
  answered(): void;
  /** Nothing was heard since then. */
  failed(since: Date): void;
}

export function createConnection(): Connection {
  const lostSince = createStore<Date | null>(null);
  return {
    get: lostSince.get,
    subscribe: lostSince.subscribe,
    answered: () => lostSince.set(null),
    failed: (since) => {
      if (lostSince.get() === null) lostSince.set(since);
    },
  };
}
