import { z } from "zod";
import { systemClock } from "#clock.ts";
import { start } from "#engine/commands.ts";
import type { Engine } from "#engine/engine.ts";
import { diagnosePlain } from "#engine/failure.ts";
import { openQueue } from "#engine/queue.ts";
import { Saga } from "#engine/saga.ts";
import type { Step } from "#engine/step.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { createTestDatabase } from "./database.ts";

type SmallStep = Step<string, { readonly input: unknown }, Record<string, never>, unknown, object>;

export const smallStep = (name: string, execute: SmallStep["execute"], compensate = async () => undefined) => ({
  name,
  writes: z.record(z.string(), z.any()),
  intends: z.unknown(),
  execute,
  compensate,
});

/** The engine on a database of its own, with sagas of the test's; what it is asked to run, the test runs by hand. */
export async function smallEngine(steps: readonly ReturnType<typeof smallStep>[]) {
  const database = await createTestDatabase();
  const { db, pool } = database;
  const clock = systemClock;
  const ids = systemIds(clock);
  const log = openLog("silent");
  const queue = await openQueue(pool, "worker", log);
  const definition = new Saga<unknown, { readonly input: unknown }, object, never>("small", z.unknown(), { steps });
  const engine: Engine<object> = {
    db,
    clock,
    ids,
    log,
    wakeUps: queue,
    workerId: ids.uuid(),
    leaseMs: 10_000,
    patienceMs: 10_000,
    sagas: new Map([["small", definition]]),
    world: () => ({}),
    diagnose: async (error) => diagnosePlain(error),
    leaves: async () => ({}),
    admit: async () => ({}),
  };
  return {
    db,
    pool,
    queue,
    engine,
    clock,
    /** Another worker on the same database. */
    otherWorker: (): Engine<object> => ({ ...engine, workerId: ids.uuid() }),
    begin: () => db.transaction().execute((tx) => start({ clock, ids, wakeUps: queue }, tx, definition, {})),
    wake: (sagaId: string, at = clock.now()) => db.transaction().execute((tx) => queue.wake(tx, sagaId, at)),
    saga: (id: string) => db.selectFrom("sagas").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
    /** The queue's own rows about a saga, oldest first. */
    jobs: async (sagaId: string) =>
      (
        await pool.query<{ id: string; name: string; state: string; start_after: Date }>(
          "select id, name, state, start_after from pgboss.job where data ->> 'saga_id' = $1 order by created_on, id",
          [sagaId],
        )
      ).rows,
    async [Symbol.asyncDispose]() {
      await queue.stop();
      await database.close();
    },
  };
}
