import { isUndisturbed } from "#test/proof/recorded.ts";
import { history, type SurveyedTrial } from "./messages.ts";

export const tellingFile = "test/proof/telling-trials.json";

/**
 * Of the trials of a survey those that come by most of what undisturbed ones and histories do not, the one that adds most first, until
 * none adds anything.
 * @returns by scenario their texts, as `test/proof/telling-trials.json` has them
 */
export function tellingOf(trials: readonly SurveyedTrial[], atMost: number): Record<string, string[]> {
  const known = new Set<number>();
  const take = ({ reached }: SurveyedTrial): void => reached.forEach((number) => known.add(number));
  const isKnown = ({ saga, trial }: SurveyedTrial): boolean => saga === history || isUndisturbed(trial);
  trials.filter(isKnown).forEach(take);
  let left = trials.filter((it) => !isKnown(it));
  const told: SurveyedTrial[] = [];
  while (told.length < atMost) {
    // What adds nothing now adds nothing later.
    const adding = left
      .map((it) => ({ it, adds: it.reached.filter((number) => !known.has(number)).length }))
      .filter(({ adds }) => adds > 0);
    const [best] = adding.toSorted((a, b) => b.adds - a.adds || a.it.ms - b.it.ms);
    if (!best) break;
    told.push(best.it);
    take(best.it);
    left = adding.map(({ it }) => it).filter((it) => it !== best.it);
  }
  const byScenario = Map.groupBy(told, ({ saga }) => saga);
  return Object.fromEntries(
    [...byScenario]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([saga, those]) => [saga, those.map(({ trial }) => trial).toSorted()]),
  );
}
