import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "#clock.ts";
import { openGround } from "../ground.ts";
import { partShape } from "../parallel.ts";
import { historyOf } from "./history.ts";
import { historiesTask, type HistoryReport } from "./messages.ts";
import { reduceHistory } from "./reduce.ts";
import { runHistory } from "./run-history.ts";

/** A thread of simulate-histories: every count-th seed, one after the other. */
const { server, index, count, task } = partShape(historiesTask).parse(workerData);
const ground = await openGround(server, `histories_${index}`);
const end = task.forMs === null ? Infinity : systemClock.now().getTime() + task.forMs;
for (let seed = task.first + index; seed <= task.last && systemClock.now().getTime() < end; seed += count) {
  const history = historyOf(seed);
  const { broken, sagas, digest } = await runHistory(ground, history);
  const [first] = broken;
  const reduced = first && (await reduceHistory(ground, history, first.slice(0, 2)));
  const report: HistoryReport = {
    seed,
    sagas,
    broken: [...broken],
    digest,
    reduced: reduced ? JSON.stringify(reduced) : null,
  };
  parentPort?.postMessage(report);
}
await ground.close();
