import pg from "pg";

/** Seven empty steps, or seven of which four write a table of the product's in the step's own transaction. */
export type Shape = "empty" | "writing";

/** The table that the steps of the second shape write, one row a step and workflow. */
export const createWritten =
  "create table if not exists written (workflow uuid not null, step int not null, at timestamptz not null)";
export const insertWritten = "insert into written (workflow, step, at) values ($1, $2, now())";

/** Which of the seven steps write: those that do in provision_deployment. */
export const writes = (shape: Shape, step: number): boolean => shape === "writing" && [0, 3, 4, 6].includes(step);

/** One engine as the benchmark drives it: workflows are written first, then a worker of 50 slots ends them all. */
export interface Contestant {
  /** Commits one workflow that is to run. @returns its id */
  start(): Promise<string>;
  /** Sets a worker to work. `began` hears of a workflow's first step. */
  work(began: (id: string) => void): Promise<void>;
  /** How many have not ended. */
  unfinished(): Promise<number>;
  close(): Promise<void>;
}

export type Open = (url: string, shape: Shape) => Promise<Contestant>;

export const slots = 50;

/** Counts by one statement, on a connection of its own. */
export async function counter(url: string, query: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    count: async (): Promise<number> => Number((await client.query<{ n: string }>(query)).rows[0]?.n ?? 0),
    close: () => client.end(),
  };
}
