/** The work was tried and failed, or could not be tried: exit status 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The work failed and said so already: nothing is left to print. */
export class AlreadyTold extends Error {
  override readonly name = "AlreadyTold";
  readonly status: 1 | 2;

  constructor(status: 1 | 2) {
    super("The command failed");
    this.status = status;
  }
}

/** The command was called wrongly; nothing was done: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
