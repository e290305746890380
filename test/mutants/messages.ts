import { z } from "zod";

/** What the runner tells its child processes, and what they answer. */
const server = z.object({ adminUrl: z.string(), runtimeUrl: z.string(), template: z.string() });
const trial = z.object({ saga: z.string(), trial: z.string() });
export type Trial = z.infer<typeof trial>;

/**
 * A trial that holds without a mutant: the CPU time that it takes, which mutants it comes by, by their numbers, and whether all
 * that it does is recorded, so that whatever differs is seen.
 */
const surveyedTrial = trial.extend({ ms: z.number(), reached: z.array(z.number()), isRecorded: z.boolean() });
export type SurveyedTrial = z.infer<typeof surveyedTrial>;

/** Where the saga's name stands in a trial: a history, its seed in place of the trial. */
export const history = "history";

/** Tests of a file: all of them where no id is given. */
const someTests = z.object({ file: z.string(), ids: z.array(z.string()).optional() });
export type SomeTests = z.infer<typeof someTests>;

/** A test that holds with the mutants at rest, or a file of tests that run at the same time. */
const surveyedTest = z.object({
  file: z.string(),
  id: z.string().optional(),
  ms: z.number(),
  reached: z.array(z.number()),
});
export type SurveyedTest = z.infer<typeof surveyedTest>;

/** What those who run trials are asked. */
export const asked = {
  /** @param active a mutant that is in effect from the start, for what is only asked then */
  start: z.object({ server, database: z.string(), active: z.number().optional() }),
  run: z.object({ mutant: z.number().optional(), trials: z.array(trial.extend({ ms: z.number() })) }),
  /** So many disturbed trials of a scenario; of histories those of the seeds from 1 to this one. */
  survey: z.object({ saga: z.string(), count: z.number() }),
};

/** What of a survey is kept: it is the same for the same sources. */
export const kept = z.object({
  invalid: z.array(z.string()),
  trials: z.array(surveyedTrial),
  tests: z.array(surveyedTest),
});
export type Kept = z.infer<typeof kept>;

export const ranTrials = z.object({ broken: trial.extend({ broken: z.array(z.string()) }).nullable() });
export const surveyed = z.object({ found: z.array(surveyedTrial), broken: z.array(z.string()) });

/** With `bail`, none is begun any more after the first that fails. */
export const testsTask = z.object({ tests: z.array(someTests), bail: z.boolean() });
const ended = { ms: z.number(), state: z.string() };
export const ranTests = z.object({
  results: z.array(
    z.object({
      file: z.string(),
      ...ended,
      error: z.string().optional(),
      tests: z.array(z.object({ id: z.string(), ...ended })),
    }),
  ),
  unhandled: z.number(),
});
