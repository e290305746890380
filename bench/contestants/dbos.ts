import { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { counter, createWritten, insertWritten, type Open, slots, writes } from "../contestant.ts";

/** DBOS Transact: workflows enqueued by a client, run by one process of 50 slots. */
export const open: Open = async (url, shape) => {
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  await pool.query(createWritten);
  let began = (_id: string): void => undefined;
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, systemDatabasePoolSize: 20, logLevel: "error" });
  DBOS.registerWorkflow(
    async () => {
      const id = DBOS.workflowID ?? "";
      for (let step = 0; step < 7; step += 1)
        await DBOS.runStep(
          async () => {
            if (step === 0) began(id);
            if (writes(shape, step)) await pool.query(insertWritten, [id, step]);
          },
          { name: `step_${step}` },
        );
    },
    { name: "bench" },
  );
  // The tables are made by the first launch; what is enqueued before the second is what that one finds.
  await DBOS.launch();
  await DBOS.registerQueue("bench", { workerConcurrency: 1 });
  await DBOS.shutdown();
  const client = await DBOSClient.create({ systemDatabaseUrl: url, systemDatabasePoolSize: 20 });
  const unfinished = await counter(
    url,
    "select count(*) n from dbos.workflow_status where status in ('ENQUEUED', 'PENDING')",
  );
  return {
    start: async () => (await client.enqueue({ queueName: "bench", workflowName: "bench" })).workflowID,
    async work(hear) {
      began = hear;
      await DBOS.launch();
      await DBOS.registerQueue("bench", {
        workerConcurrency: slots,
        minPollingIntervalMs: 100,
        onConflict: "always_update",
      });
    },
    unfinished: unfinished.count,
    async close() {
      await DBOS.shutdown();
      await client.destroy();
      await unfinished.close();
      await pool.end();
    },
  };
};
