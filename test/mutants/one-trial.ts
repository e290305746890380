import type { Ground } from "#proof/matrix/run-trial.ts";
import { ofHistories, record, recordedOf, recordHistory } from "#test/proof/recorded.ts";
import { history, type Trial } from "./messages.ts";

const recordedFor = async ({ saga, trial }: Trial): Promise<readonly string[] | undefined> =>
  (await recordedOf(saga === history ? ofHistories : saga)).get(trial);

export const isRecorded = async (trial: Trial): Promise<boolean> => (await recordedFor(trial)) !== undefined;

/** Runs a trial of the matrix, or a history by its seed. @returns what does not hold, which may be the run itself */
export async function brokenBy(ground: Ground, { saga, trial }: Trial): Promise<readonly string[]> {
  try {
    const isHistory = saga === history;
    const { broken, lines } = await (isHistory ? recordHistory(ground, Number(trial)) : record(ground, saga, trial));
    const recorded = await recordedFor({ saga, trial });
    const other = recorded && lines.find((line, index) => line !== recorded[index]);
    return [...broken, ...(other === undefined ? [] : [`it does something else than is recorded: ${other}`])];
  } catch (error) {
    return [`the run broke: ${String(error)}`];
  }
}
