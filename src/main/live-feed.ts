import type { EventFeed } from "#http/plumbing/dependencies.ts";

export interface LiveFeed extends EventFeed {
  /** A saga has new events; without an id, any saga may have. */
  announce(sagaId?: string): void;
  /** Streams that listen now. */
  readonly open: number;
}

/** Hands the database's notifications to the event streams of this process. */
export function createLiveFeed(): LiveFeed {
  const subscribers = new Map<string, Set<() => void>>();
  return {
    get open() {
      return [...subscribers.values()].reduce((sum, wakes) => sum + wakes.size, 0);
    },
    subscribe(sagaId, wake) {
      const wakes = subscribers.get(sagaId) ?? new Set();
      subscribers.set(sagaId, wakes.add(wake));
      return () => {
        wakes.delete(wake);
        if (wakes.size === 0 && subscribers.get(sagaId) === wakes) subscribers.delete(sagaId);
      };
    },
    announce(sagaId) {
      const heard = sagaId === undefined ? [...subscribers.values()] : [subscribers.get(sagaId) ?? []];
      for (const wakes of heard) for (const wake of wakes) wake();
    },
  };
}
