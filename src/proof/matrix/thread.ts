import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "#clock.ts";
import { openGround } from "../ground.ts";
import { partShape } from "../parallel.ts";
import { type MatrixMessage, matrixTask } from "./messages.ts";
import { proveSaga } from "./prove-saga.ts";

/** A thread of `arcadia prove`: its part of every saga's trials. */
const { server, index, count, task } = partShape(matrixTask).parse(workerData);
const ground = await openGround(server, `matrix_${index}`);
const done = new Set(task.done);
const isOver = (): boolean => task.until !== null && systemClock.now().getTime() >= task.until;
const post = (message: MatrixMessage): void => parentPort?.postMessage(message);
for (const saga of task.sagas) {
  if (isOver()) break;
  const shard = { index: task.shard.index * count + index, count: task.shard.count * count };
  const { failures: _, ...proof } = await proveSaga(ground, saga, {
    singles: task.singles,
    pairs: task.pairs,
    seed: task.seed,
    isOver,
    shard,
    isDone: (trial) => done.has(`${saga} ${trial}`),
    onTrial: (trial, { broken }) => post({ kind: "ran", saga, trial, broken: [...broken] }),
  });
  post({ kind: "proved", ...proof });
}
await ground.close();
