import { after } from "#clock.ts";
import type { Engine } from "./engine.ts";
import type { SagaRow } from "./rows.ts";
import { readHolders, renewLeases } from "./store.ts";

/** The claims of one worker, which it renews for as long as it holds them. */
export interface Leases {
  /** How often `renew` is to be called. Milliseconds. */
  readonly renewEveryMs: number;
  hold(saga: Pick<SagaRow, "id" | "epoch" | "due_at">): void;
  letGo(sagaId: string): void;
  /** Prolongs those that have been held for a while; one that is another's by now is told. */
  renew(): Promise<void>;
}

interface Lease {
  readonly epoch: number;
  until: Date;
}

export function createLeases<Io>(engine: Engine<Io>, lost: (sagaId: string, reason: Error) => void): Leases {
  const { db, clock, workerId, leaseMs } = engine;
  const held = new Map<string, Lease>();

  const tellLost = async (leases: ReadonlyMap<string, Lease>): Promise<void> => {
    if (leases.size === 0) return;
    const holders = new Map((await readHolders(db, [[...leases.keys()]])).map((row) => [row.id, row]));
    for (const [id, lease] of leases) {
      const holder = holders.get(id);
      // One that ended while we asked is not held any more, and not lost.
      if (held.get(id) !== lease) continue;
      if (holder?.epoch === lease.epoch && holder.lease_owner === workerId) continue;
      lost(id, new Error("The claim on this saga is lost"));
    }
  };

  return {
    renewEveryMs: leaseMs / 5,
    hold: ({ id, epoch, due_at: until }) => void held.set(id, { epoch, until: until ?? clock.now() }),
    letGo: (id) => void held.delete(id),
    async renew() {
      if (held.size === 0) return;
      await clock.refresh?.();
      const now = clock.now();
      // Most sagas are given back sooner than this: of those nothing is written.
      const old = new Map([...held].filter(([, { until }]) => until <= after(now, (leaseMs * 2) / 3)));
      if (old.size === 0) return;
      const until = after(now, leaseMs);
      const epochs = [...old.values()].map(({ epoch }) => epoch);
      const renewed = await renewLeases(db, [workerId, [...old.keys()], epochs, until]);
      for (const { id } of renewed) {
        const lease = old.get(id);
        if (lease) lease.until = until;
        old.delete(id);
      }
      await tellLost(old);
    },
  };
}
