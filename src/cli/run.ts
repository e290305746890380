import { inspect } from "node:util";
import { CommanderError } from "commander";
import { ConfigError } from "#config.ts";
import { ApiError } from "./api/api-error.ts";
import { type Cli, say } from "./cli.ts";
import { AlreadyTold, Failure, UsageError } from "./failure.ts";
import { printable } from "./output/printable.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line. @returns the exit status: 0 done, 1 the work failed, 2 usage */
export async function run(args: readonly string[], cli: Cli): Promise<number> {
  try {
    await buildProgram(cli).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof AlreadyTold) return error.status;
    for (const line of describe(error)) say(cli.stderr, line);
    return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
  }
}

function describe(error: unknown): string[] {
  if (!(error instanceof Error)) return [`arcadia: ${printable(inspect(error))}`];
  if (error instanceof ApiError)
    return [`arcadia: ${printable(error.message)}`, ...error.faults.map((it) => `  ${printable(it)}`)];
  const expected = error instanceof Failure || error instanceof UsageError || error instanceof ConfigError;
  return expected ? [`arcadia: ${error.message}`] : [`arcadia: ${error.message}`, ...causes(error.cause)];
}

function causes(cause: unknown): string[] {
  if (!(cause instanceof Error)) return [];
  return [`  because: ${printable(cause.message)}`, ...causes(cause.cause)];
}
