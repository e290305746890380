import { historyOf } from "#proof/histories/history.ts";
import { runHistory } from "#proof/histories/run-history.ts";
import { type Ground, runTrial } from "#proof/matrix/run-trial.ts";
import { trialFrom } from "#proof/matrix/trial.ts";
import { paceOf, recordedPaces } from "#test/proof/pace.ts";
import { history, type Trial } from "./messages.ts";

const paces = await recordedPaces();

/** Runs a trial of the matrix, or a history by its seed. @returns what does not hold, which may be the run itself */
export async function brokenBy(ground: Ground, { saga, trial }: Trial): Promise<readonly string[]> {
  try {
    if (saga === history) return (await runHistory(ground, historyOf(Number(trial)))).broken;
    const outcome = await runTrial(ground, saga, trialFrom(trial));
    const [pace, recorded] = [paceOf(trial, outcome), paces[saga]?.[trial]];
    const isSlower = recorded !== undefined && pace !== recorded;
    return [...outcome.broken, ...(isSlower ? [`it takes ${pace}; recorded are ${recorded}`] : [])];
  } catch (error) {
    return [`the run broke: ${String(error)}`];
  }
}
