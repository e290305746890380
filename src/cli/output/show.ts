import type { Answer } from "#cli/api/client.ts";
import { type Cli, say } from "#cli/cli.ts";

export interface ShowOptions {
  readonly json?: boolean;
}

/** The answer as the API gave it with `--json`, else as `people` prints it. */
export function show<Value>(
  cli: Cli,
  { json }: ShowOptions,
  answer: Answer<Value>,
  people: (value: Value) => void,
): void {
  if (json) printJson(cli, answer.json);
  else people(answer.value);
}

export const printJson = (cli: Cli, value: unknown): void => say(cli.stdout, JSON.stringify(value ?? null, null, 2));

/** Says how to see more, when there is more. */
export function showMore(cli: Cli, nextCursor: string | null): void {
  if (nextCursor !== null) say(cli.stderr, `There are more: --cursor ${nextCursor}, or --all`);
}
