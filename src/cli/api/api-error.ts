import type { Problem } from "#api/problem.ts";

/** The server answered and refused. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Missing when something other than our API answered. */
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined, message: string) {
    super(message);
    this.status = status;
    this.problem = problem;
  }

  /** Every fault of the request, as `path: message`. */
  get faults(): string[] {
    return this.problem?.errors.map((fault) => (fault.path ? `${fault.path}: ${fault.message}` : fault.message)) ?? [];
  }
}

/** No answer came. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** True when nothing listens there, so nothing was done. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean, cause: unknown) {
    super(message, { cause });
    this.refused = refused;
  }
}
