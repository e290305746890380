import { z } from "zod";
import { openDatabase } from "../../src/db/connection.ts";
import { plainEngine, workPlainly } from "../../src/engine/plain-engine.ts";
import { anySaga, Saga } from "../../src/engine/saga.ts";
import { inTransaction, type SagaFacts } from "../../src/engine/step.ts";
import { createStarter } from "../../src/engine/start.ts";
import { openLog } from "../../src/log.ts";
import { counter, createWritten, type Open, slots, type Shape, writes } from "../contestant.ts";
import { sql } from "kysely";

/** Our engine on a pool of 20, with its listener and one worker. */
export const open: Open = async (url, shape) => {
  const log = openLog("error");
  const database = openDatabase(url, { log, max: 20 });
  const { db, pool } = database;
  await pool.query(createWritten);
  let began = (_id: string): void => undefined;
  const saga = sagaOf(shape, (id) => began(id));
  const unfinished = await counter(
    url,
    "select count(*) n from sagas where status not in ('completed', 'rolled_back')",
  );
  const engine = plainEngine(db, [anySaga<object>(saga)], {}, { log });
  const starter = createStarter(engine);
  let worker: ReturnType<typeof workPlainly> | undefined;
  return {
    start: () => starter.start(saga, {}),
    async work(hear) {
      began = hear;
      worker = workPlainly(engine, { url, ...database }, slots);
    },
    unfinished: unfinished.count,
    async close() {
      await worker?.stop(5_000);
      await unfinished.close();
      await database.close();
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
