import { CommanderError } from "commander";
import type { Cli } from "./cli.ts";
import { AlreadyTold, UsageError, wrongUsage } from "./failure.ts";
import { refuseNotUtf8 } from "./input/read-text.ts";
import { buildProgram } from "./program.ts";
import { wantsJson } from "./wants-json.ts";

/** Runs one command line. @returns the exit status: 0 done, else one of exit-status.ts, or 130 after Ctrl-C */
export async function run(args: readonly string[], cli: Cli): Promise<number> {
  try {
    refuseNotUtf8(args);
    await (await buildProgram(cli, args)).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // As text it has been told by now.
    if (error instanceof CommanderError && !wantsJson(args)) return wrongUsage;
    if (error instanceof AlreadyTold) return error.status;
    const { tellFailure } = await import("./tell-failure.ts");
    return tellFailure(error instanceof CommanderError ? usageError(error) : error, args, cli);
  }
}

const usageError = ({ message }: CommanderError): UsageError => new UsageError(message.replace(/^error: /, ""));
