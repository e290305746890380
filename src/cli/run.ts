import { CommanderError } from "commander";
import type { Cli } from "./cli.ts";
import { AlreadyTold, wrongUsage } from "./failure.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line. @returns the exit status: 0 done, else one of exit-status.ts, or 130 after Ctrl-C */
export async function run(args: readonly string[], cli: Cli): Promise<number> {
  try {
    await (await buildProgram(cli, args)).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    if (error instanceof AlreadyTold) return error.status;
    return (await import("./tell-failure.ts")).tellFailure(error, args, cli);
  }
}
