import { z } from "zod";
import { mayReturn } from "#resources/phases.ts";
import { recheckAfterMs } from "#resources/rechecks.ts";
import { hasEnded } from "#saga-ended.ts";
import type { Facts } from "./invariants.ts";

const sagaNews = z.object({ status: z.string() });
const stepNews = z.object({ name: z.string(), status: z.string(), attempts: z.number().optional() });

/** 17. What is shown of a saga and its steps is what its log told last; what changes something at the provider is told with its saga. */
export function brokenTelling({ sagas, steps, events, requests }: Facts): string[] {
  const known = new Set(sagas.map(({ id }) => id));
  const eventsOf = Map.groupBy(events, (event) => event.saga_id);
  const stepsOf = Map.groupBy(steps, (step) => step.saga_id);
  const changing = requests.filter(({ method }) => method === "POST" || method === "PUT");
  return [
    ...sagas.flatMap((saga) => {
      const own = eventsOf.get(saga.id);
      // What is old is told no more; what a person has done by hand, his words tell of.
      if (!own || !hasEnded(saga.status) || saga.resolution !== null) return [];
      const last = own.findLast(({ type }) => type === "saga");
      const told = last && sagaNews.parse(last.data).status;
      const news = own.filter(({ type }) => type === "step").map(({ data }) => stepNews.parse(data));
      return [
        told !== saga.status && `17: saga ${saga.id} is ${saga.status}, its log says ${told}`,
        saga.finished_at === null && `17: saga ${saga.id} has ended, and no time is told`,
        ...(stepsOf.get(saga.id) ?? []).map((step) =>
          stepTold(
            step,
            news.findLast(({ name }) => name === step.name),
          ),
        ),
      ];
    }),
    ...changing
      .filter((it) => it.saga_id === null || !known.has(it.saga_id))
      .map(({ method, route }) => `17: ${method} ${route} is told without its saga`),
  ].filter((it) => it !== false);
}

function stepTold(step: Facts["steps"][number], told: z.infer<typeof stepNews> | undefined): string | false {
  // What was never begun is not told of.
  if (!told)
    return step.attempts > 0 && `17: step ${step.name} of saga ${step.saga_id} is ${step.status}, its log says nothing`;
  const isSo = told.status === step.status && (told.attempts ?? step.attempts) === step.attempts;
  const { started_at: begun, finished_at: ended } = step;
  return (
    (!isSo &&
      `17: step ${step.name} is ${step.status} (${step.attempts}), its log says ${told.status} (${told.attempts ?? "?"})`) ||
    (begun !== null && ended !== null && ended < begun && `17: step ${step.name} ends before it begins`)
  );
}

const history = z.array(z.object({ at: z.string() }));

/** Of what a release without the ledger had seen the end of, migration 0023 tells all in one moment. */
function isFilledIn(row: Facts["held"][number]): boolean {
  const told = history.parse(row.history);
  return told[0]?.at === told.at(-1)?.at;
}

/** 18. What has ended at the provider is looked at again three times (rule 25). */
export const brokenRechecks = ({ held }: Facts): string[] =>
  held
    .filter((row) => mayReturn(row.phase) && row.origin === "made" && !isFilledIn(row))
    .filter(({ recheck_at: at, rechecks }) => at === null && rechecks < recheckAfterMs.length - 1)
    .map(
      ({ kind, provider_id: id, phase, rechecks }) =>
        `18: ${kind} ${id} (${phase}) is looked at no more after ${rechecks} times`,
    );
