import { asBegun } from "#step-begun.ts";
import { z } from "zod";
import { systemClock } from "#clock.ts";
import { claim } from "#engine/claim.ts";
import { start } from "#engine/start.ts";
import type { Engine } from "#engine/engine.ts";
import { plainEngine } from "#engine/plain-engine.ts";
import { choreQueue } from "#engine/chores.ts";
import { runSaga } from "#engine/run-saga.ts";
import { Saga } from "#engine/saga.ts";
import type { Step } from "#engine/step.ts";
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
  const queue = choreQueue(db, clock);
  const definition = new Saga<unknown, { readonly input: unknown }, object, never>("small", z.unknown(), { steps });
  const engine = plainEngine<object>(db, [definition], {}, { clock, patienceMs: 10_000 });
  const { ids } = engine;
  return {
    db,
    pool,
    queue,
    engine,
    clock,
    /** Another worker on the same database. */
    otherWorker: (): Engine<object> => ({ ...engine, workerId: ids.uuid() }),
    begin: () => db.transaction().execute((tx) => start(engine, tx, definition, {})),
    wake: async (id: string, at = clock.now()): Promise<void> =>
      void (await db.updateTable("sagas").set({ due_at: at }).where("id", "=", id).execute()),
    saga: (id: string) => db.selectFrom("sagas").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
    /** Of the one saga that there is. */
    async steps() {
      const saga = await db.selectFrom("sagas").selectAll().executeTakeFirstOrThrow();
      return asBegun(saga, await db.selectFrom("saga_steps").selectAll().orderBy("position").execute());
    },
    /** Lets a worker take whatever is due, and run it until it waits or ends. @returns how many it took */
    async run(worker: Engine<object> = engine, signal = new AbortController().signal): Promise<number> {
      const { begun } = await claim(worker, 10);
      await Promise.all(begun.map((saga) => runSaga(worker, saga, signal)));
      return begun.length;
    },
    async [Symbol.asyncDispose]() {
      await database.close();
    },
  };
}
