/** The work was tried and failed, or could not be tried: exit status 1. */
export class Failure extends Error {
  override readonly name: string = "Failure";
}

/** What was named is not there: exit status 4. */
export class NotFound extends Failure {
  override readonly name = "NotFound";
}

/** The work failed and said so already: nothing is left to print. */
export class AlreadyTold extends Error {
  override readonly name = "AlreadyTold";
  readonly status: number;

  constructor(status: number) {
    super("The command failed");
    this.status = status;
  }
}

/** The status of what Ctrl-C ended, as a shell has it: 128 and the number of SIGINT. */
export const interrupted = 130;

/** Ends the command with the status of the part of the product that it ran. */
export function endWith(status: number): void {
  if (status !== 0) throw new AlreadyTold(status);
}

/** The status of a command that was called wrongly. */
export const wrongUsage = 2;

/** The command was called wrongly; nothing was done: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
