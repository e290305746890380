import { z } from "zod";

/** What the runner tells its child processes, and what they answer: each a file of JSON. */
const server = z.object({ adminUrl: z.string(), runtimeUrl: z.string(), template: z.string() });
const trial = z.object({ saga: z.string(), trial: z.string() });
/** Where the saga's name stands in a trial: a history, its seed in place of the trial. */
export const history = "history";

export const surveyTask = z.object({
  server,
  places: z.array(z.object({ id: z.string(), path: z.string(), start: z.number() })),
  /** How many trials of each scenario, beside the clean run and the one that fails at its last step. */
  each: z.number(),
  /** Histories of the seeds from 1 to this. */
  histories: z.number(),
});
export type SurveyTask = z.infer<typeof surveyTask>;

/** The trials that were run and held, and by id of the mutant which of them come by: their places in `trials`. */
export const survey = z.object({ trials: z.array(trial), reached: z.record(z.string(), z.array(z.number())) });
export type Survey = z.infer<typeof survey>;

export const trialsTask = z.object({ server, database: z.string(), trials: z.array(trial) });

export const verdict = z.object({ saga: z.string(), trial: z.string(), broken: z.array(z.string()) }).nullable();
export type Trial = z.infer<typeof trial>;
