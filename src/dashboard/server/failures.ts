import type { Fault, Problem } from "#api/problem.ts";

/** The server refused, in its own words when it is ours that answered. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail || problem?.title || `The server answered ${status}, and not as Arcadia does`);
    this.status = status;
    this.problem = problem;
  }
}

/** No answer came. What was asked may have happened all the same. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** The answer is not what this page knows: the server is of another version. */
export class Misunderstood extends Error {
  override readonly name = "Misunderstood";
}

/** The faults that the server found at the fields of a form. */
export const faultsOf = (error: unknown): readonly Fault[] =>
  error instanceof Refused ? (error.problem?.errors ?? []) : [];

/** What went wrong, for a person. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
