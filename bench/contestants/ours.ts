import { z } from "zod";
import { systemClock as clock } from "../../src/clock.ts";
import { openDatabase } from "../../src/db/connection.ts";
import { listen } from "../../src/db/listener.ts";
import { start } from "../../src/engine/commands.ts";
import { createDoorbell } from "../../src/engine/doorbell.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { diagnosePlain } from "../../src/engine/failure.ts";
import { openQueue, wakeChannel } from "../../src/engine/queue.ts";
import { anySaga, Saga } from "../../src/engine/saga.ts";
import { inTransaction, type SagaFacts } from "../../src/engine/step.ts";
import { startWorker, type Worker } from "../../src/engine/worker.ts";
import { systemIds } from "../../src/ids.ts";
import { openLog } from "../../src/log.ts";
import { counter, createWritten, type Open, type Shape, slots, writes } from "../contestant.ts";
import { sql } from "kysely";

/** Our engine as the product wires it: its queue, its pool, its listener, one worker. */
export const open: Open = async (url, shape) => {
  const log = openLog("error");
  const ids = systemIds(clock);
  const { db, pool, statements, close } = openDatabase(url, { log, max: 20 });
  await pool.query(createWritten);
  const queue = await openQueue(statements, "worker", log);
  let began = (_id: string): void => undefined;
  const saga = sagaOf(shape, (id) => began(id));
  const unfinished = await counter(
    url,
    "select count(*) n from sagas where status not in ('completed', 'rolled_back')",
  );
  const running: { worker?: Worker; stopListening?: () => Promise<void> } = {};
  return {
    start: () => db.transaction().execute((tx) => start({ clock, ids, wakeUps: queue }, tx, saga, {})),
    async work(hear) {
      began = hear;
      const engine: Engine<object> = {
        db,
        clock,
        ids,
        log,
        wakeUps: queue,
        workerId: ids.uuid(),
        leaseMs: 10_000,
        patienceMs: 60_000,
        sagas: new Map([[saga.name, anySaga(saga)]]),
        world: () => ({}),
        diagnose: async (error) => diagnosePlain(error),
        leaves: async () => ({}),
        admit: async () => ({}),
      };
      const doorbell = createDoorbell(clock);
      const listener = listen({
        url,
        statements,
        channels: [wakeChannel],
        clock,
        log,
        onMessage: () => doorbell.ring(),
        onConnected: () => doorbell.ring(),
      });
      running.stopListening = () => listener.close();
      running.worker = startWorker(engine, queue, {
        slots,
        doorbell,
        mayTake: async () => true,
        isAble: () => true,
        chore: async () => undefined,
      });
    },
    unfinished: unfinished.count,
    async close() {
      await running.worker?.stop(5_000);
      await running.stopListening?.();
      await queue.stop();
      await unfinished.close();
      await close();
    },
  };
};

function sagaOf(shape: Shape, began: (id: string) => void) {
  const steps = Array.from({ length: 7 }, (_, number) => ({
    name: `step_${number}`,
    writes: z.record(z.string(), z.never()),
    execute: async (_reads: object, { saga: { id } }: { readonly saga: SagaFacts }) => {
      if (number === 0) began(id);
      if (!writes(shape, number)) return {};
      return inTransaction(async (tx) => {
        await sql`insert into written (workflow, step, at) values (${id}, ${number}, now())`.execute(tx);
        return {};
      });
    },
    compensate: async () => undefined,
  }));
  return new Saga<object, { readonly input: object }, object, never>("bench", z.object({}), { steps });
}
