import { inspect } from "node:util";
import { ConfigError } from "#config.ts";
import { ApiError } from "./api/api-error.ts";
import { type Cli, say } from "./cli.ts";
import { exitStatuses, kindOf } from "./exit-status.ts";
import { Failure, UsageError } from "./failure.ts";
import { printable } from "./output/printable.ts";
import { wantsJson } from "./wants-json.ts";

/** Says on stderr what a command failed of. @returns its exit status */
export function tellFailure(error: unknown, args: readonly string[], cli: Pick<Cli, "stderr">): number {
  if (wantsJson(args)) say(cli.stderr, JSON.stringify(problemOf(error)));
  else for (const line of describe(error)) say(cli.stderr, line);
  return exitStatuses[kindOf(error)];
}

/** As RFC 9457 has it: the server's own problem, or one of ours. */
function problemOf(error: unknown): object {
  if (error instanceof ApiError && error.problem) return error.problem;
  const title = error instanceof Error ? error.message : inspect(error);
  return { type: "about:blank", title, code: kindOf(error), detail: causes(error).join("; ") || title, errors: [] };
}

function describe(error: unknown): string[] {
  if (!(error instanceof Error)) return [`arcadia: ${printable(inspect(error))}`];
  if (error instanceof ApiError)
    return [`arcadia: ${printable(error.message)}`, ...error.faults.map((it) => `  ${printable(it)}`)];
  const expected = error instanceof Failure || error instanceof UsageError || error instanceof ConfigError;
  const because = expected ? [] : causes(error).map((cause) => `  because: ${cause}`);
  return [`arcadia: ${error.message}`, ...because];
}

function causes(error: unknown): string[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? [printable(cause.message), ...causes(cause)] : [];
}
