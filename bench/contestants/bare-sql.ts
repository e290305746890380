import { randomUUID } from "node:crypto";
import pg from "pg";
import { counter, createWritten, insertWritten, type Open, slots, writes } from "../contestant.ts";

/** The floor: a row for each workflow, and one commit for each step, by hand. It recovers nothing and undoes nothing. */
export const open: Open = async (url, shape) => {
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  await pool.query(createWritten);
  await pool.query("create table workflows (id uuid primary key, position int not null, output jsonb)");
  const unfinished = await counter(url, "select count(*) n from workflows where position < 7");
  const running = new AbortController();
  let lanes: Promise<unknown> = Promise.resolve();

  const stepOf = async (id: string, step: number): Promise<void> => {
    const update = ["update workflows set position = $2, output = $3 where id = $1", [id, step + 1, "{}"]] as const;
    if (!writes(shape, step)) return void (await pool.query(update[0], [...update[1]]));
    const client = await pool.connect();
    await client.query("begin");
    await client.query(insertWritten, [id, step]);
    await client.query(update[0], [...update[1]]);
    await client.query("commit");
    client.release();
  };

  return {
    async start() {
      const id = randomUUID();
      await pool.query("insert into workflows (id, position) values ($1, 0)", [id]);
      return id;
    },
    async work(began) {
      const taken = new Set<string>();
      const lane = async (): Promise<void> => {
        while (!running.signal.aborted) {
          const { rows } = await pool.query<{ id: string }>(
            "select id from workflows where position = 0 and not id = any($1) limit 1",
            [[...taken]],
          );
          const id = rows[0]?.id;
          if (id === undefined || taken.has(id)) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            continue;
          }
          taken.add(id);
          began(id);
          for (let step = 0; step < 7; step += 1) await stepOf(id, step);
          taken.delete(id);
        }
      };
      lanes = Promise.all(Array.from({ length: slots }, lane));
    },
    unfinished: unfinished.count,
    async close() {
      running.abort();
      await lanes;
      await unfinished.close();
      await pool.end();
    },
  };
};
