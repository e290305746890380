import { OpenWorkflow } from "openworkflow";
import { BackendPostgres } from "openworkflow/postgres";
import pg from "pg";
import { counter, createWritten, insertWritten, type Open, slots, writes } from "../contestant.ts";

/** openworkflow on its PostgreSQL backend, one worker of 50 slots. */
export const open: Open = async (url, shape) => {
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  await pool.query(createWritten);
  let began = (_id: string): void => undefined;
  const backend = await BackendPostgres.connect(url);
  const client = new OpenWorkflow({ backend });
  const workflow = client.defineWorkflow({ name: "bench" }, async ({ step, run }) => {
    for (let number = 0; number < 7; number += 1)
      await step.run({ name: `step_${number}` }, async () => {
        if (number === 0) began(run.id);
        if (writes(shape, number)) await pool.query(insertWritten, [run.id, number]);
        return {};
      });
    return {};
  });
  const unfinished = await counter(
    url,
    "select count(*) n from openworkflow.workflow_runs where status in ('pending', 'running', 'sleeping')",
  );
  const worker = client.newWorker({ concurrency: slots });
  return {
    start: async () => (await workflow.run({})).workflowRun.id,
    async work(hear) {
      began = hear;
      await worker.start();
    },
    unfinished: unfinished.count,
    async close() {
      await worker.stop();
      await backend.stop();
      await unfinished.close();
      await pool.end();
    },
  };
};
