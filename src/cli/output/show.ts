import type { Answer } from "#cli/api/client.ts";
import { type Cli, say } from "#cli/cli.ts";

export const formats = ["table", "wide", "json", "yaml", "name"] as const;
export type Format = (typeof formats)[number];

export interface ShowOptions {
  readonly json?: boolean;
  readonly output?: Format;
}

export const formatOf = ({ json, output }: ShowOptions): Format => (json ? "json" : (output ?? "table"));

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

/** The answer as the API gave it. */
export async function printAs(cli: Cli, format: "json" | "yaml", value: unknown): Promise<void> {
  if (format === "json") return printJson(cli, value);
  // Readers of YAML 1.1, of which there are many, take a bare on or no for a boolean.
  const { stringify } = await import("yaml");
  cli.stdout.write(stringify(value ?? null, null, { compat: "yaml-1.1" }));
}
