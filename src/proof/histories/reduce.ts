import type { Ground } from "../matrix/run-trial.ts";
import type { History } from "./history.ts";
import { runHistory } from "./run-history.ts";

/** The most runs that a reduction may take. */
const mostRuns = 150;

/** Leaves out actions as long as what is left still breaks the same invariant: first many at once, then one by one. */
export async function reduceHistory(ground: Ground, history: History, invariant: string): Promise<History> {
  let kept = history.actions;
  let runs = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < kept.length && runs < mostRuns;) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
      runs += 1;
      if (await breaks(ground, { ...history, actions: fewer }, invariant)) kept = fewer;
      else from += size;
    }
  return { ...history, actions: kept };
}

async function breaks(ground: Ground, history: History, invariant: string): Promise<boolean> {
  const { broken } = await runHistory(ground, history);
  return broken.some((it) => it.startsWith(invariant));
}
