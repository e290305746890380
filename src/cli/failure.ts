/** The work was tried and failed, or could not be tried: exit status 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The command was called wrongly; nothing was done: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
