import type { Ground } from "#proof/matrix/run-trial.ts";
import { ofHistories, record, recordedOf, recordHistory } from "#test/proof/recorded.ts";
import { history, type Trial } from "./messages.ts";

/** Runs a trial of the matrix, or a history by its seed. @returns what does not hold, which may be the run itself */
export async function brokenBy(ground: Ground, { saga, trial }: Trial): Promise<readonly string[]> {
  try {
    const isHistory = saga === history;
    const { broken, lines } = await (isHistory ? recordHistory(ground, Number(trial)) : record(ground, saga, trial));
    const recorded = (await recordedOf(isHistory ? ofHistories : saga)).get(trial);
    const other = recorded && lines.find((line, index) => line !== recorded[index]);
    return [...broken, ...(other === undefined ? [] : [`it does something else than is recorded: ${other}`])];
  } catch (error) {
    return [`the run broke: ${String(error)}`];
  }
}
