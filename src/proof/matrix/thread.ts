import { parentPort, workerData } from "node:worker_threads";
import { openGround } from "../ground.ts";
import { partShape } from "../parallel.ts";
import { type MatrixMessage, matrixTask } from "./messages.ts";
import { proveSaga } from "./prove-saga.ts";

/** A thread of `arcadia prove`: its part of every saga's trials. */
const { server, index, count, task } = partShape(matrixTask).parse(workerData);
const ground = await openGround(server, `matrix_${index}`);
const done = new Set(task.done);
const post = (message: MatrixMessage): void => parentPort?.postMessage(message);
for (const saga of task.sagas) {
  const shard = { index: task.shard.index * count + index, count: task.shard.count * count };
  const { failures: _, ...proof } = await proveSaga(ground, saga, {
    pairs: task.pairs,
    seed: task.seed,
    shard,
    isDone: (trial) => done.has(`${saga} ${trial}`),
    onTrial: (trial, { broken }) => post({ kind: "ran", saga, trial, broken: [...broken] }),
  });
  post({ kind: "proved", ...proof });
}
await ground.close();
