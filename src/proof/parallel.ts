import { Worker } from "node:worker_threads";
import { z } from "zod";
import { startTestServer, type TestServer } from "./server.ts";

/** What a thread of a proof is told: where the database server is, and which part of the work is its own. */
export interface Part<Task> {
  readonly server: TestServer;
  readonly index: number;
  readonly count: number;
  readonly task: Task;
}

/**
 * Runs a program in `count` threads on a PostgreSQL of their own, each with a part of the work, until all are done.
 * @param hear gets what a thread posts
 */
export async function inParallel<Task>(
  program: URL,
  count: number,
  task: Task,
  hear: (message: unknown) => void,
): Promise<void> {
  const server = await startTestServer();
  try {
    const { adminUrl, runtimeUrl, template } = server;
    await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const part: Part<Task> = { server: { adminUrl, runtimeUrl, template }, index, count, task };
        return threadOf(program, part, hear);
      }),
    );
  } finally {
    await server.stop();
  }
}

function threadOf(program: URL, workerData: unknown, hear: (message: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(program, { workerData });
    thread.on("message", hear);
    thread.on("error", reject);
    thread.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`A thread of the proof ended with ${code}`)),
    );
  });
}

/** The part as it arrives in a thread. */
export const partShape = <Task>(task: z.ZodType<Task>) =>
  z.object({
    server: z.object({ adminUrl: z.string(), runtimeUrl: z.string(), template: z.string() }),
    index: z.int(),
    count: z.int(),
    task,
  });
