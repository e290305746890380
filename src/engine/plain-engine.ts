import { systemClock } from "#clock.ts";
import type { Database, Db } from "#db/connection.ts";
import { listen } from "#db/listener.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import type { Engine } from "./engine.ts";
import { diagnosePlain } from "./failure.ts";
import { createLane } from "./lane.ts";
import type { AnySaga } from "./saga.ts";
import { wakeChannel } from "./store.ts";
import { startWorker } from "./worker.ts";

type Given<Io> = Partial<Omit<Engine<Io>, "db" | "sagas" | "context">>;

/**
 * An engine on a database, for these sagas. What is not handed in is as plain as can be: the system's clock, leases of
 * 10 s, every saga may run, nobody is told of changes.
 * @param context what steps are given beside what every attempt has
 */
export function plainEngine<Io>(
  db: Db,
  sagas: readonly AnySaga<Io>[],
  context: Io,
  { clock = systemClock, ids = systemIds(clock), log = openLog("silent"), ...given }: Given<Io> = {},
): Engine<Io> {
  return {
    workerId: ids.uuid(),
    lane: createLane({ db, log }),
    leaseMs: 10_000,
    patienceMs: 30 * 60_000,
    diagnose: async (error) => diagnosePlain(error),
    leaves: async () => ({}),
    admit: async () => () => ({}),
    announce: () => undefined,
    ...given,
    db,
    clock,
    ids,
    log,
    context: () => context,
    sagas: new Map(sagas.map((saga) => [saga.name, saga])),
  };
}

/**
 * Runs an engine's sagas in this process, `slots` at a time, as it hears of them.
 * @returns how to stop: those that run have `graceMs` milliseconds to reach their next commit
 */
export function workPlainly<Io>(
  engine: Engine<Io>,
  { url, statements }: { readonly url: string } & Pick<Database, "statements">,
  slots: number,
): { stop(graceMs: number): Promise<void> } {
  const { clock, log } = engine;
  const worker = startWorker(engine, { slots });
  const ring = () => worker.ring();
  const heard = { channels: [wakeChannel], onMessage: ring, onConnected: ring };
  const listener = listen({ url, statements, clock, log, ...heard });
  return {
    async stop(graceMs) {
      await listener.close();
      await worker.stop(graceMs);
    },
  };
}
