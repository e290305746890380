import { systemClock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import type { Engine } from "./engine.ts";
import { diagnosePlain } from "./failure.ts";
import { createLane } from "./lane.ts";
import { type AnySaga, anySaga } from "./saga.ts";

/**
 * An engine on a database, for these sagas. What is not handed in is as plain as can be: the system's clock, no world
 * beside the steps' own, every saga may run, nobody is told of changes.
 */
export function engineOn<Io>(
  db: Db,
  // oxlint-disable-next-line typescript/no-explicit-any -- the engine runs what the builder has checked
  sagas: readonly Parameters<typeof anySaga<Io>>[0][],
  given: Partial<Omit<Engine<Io>, "db" | "sagas">> & Pick<Engine<Io>, "world">,
): Engine<Io> {
  const { clock = systemClock, ids = systemIds(clock), log = openLog("silent") } = given;
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
    sagas: new Map(sagas.map((saga) => [saga.name, anySaga<Io>(saga) satisfies AnySaga<Io>])),
  };
}
