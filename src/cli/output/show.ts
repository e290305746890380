import { type Command, Option } from "commander";
import type { Answer } from "#cli/api/client.ts";
import { type Cli, say } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";

export const formats = ["table", "wide", "json", "yaml", "name"] as const;
export type Format = (typeof formats)[number];

export interface ShowOptions {
  readonly json?: boolean;
  readonly output?: Format;
}

/** @throws {UsageError} for two that exclude each other */
export function formatOf({ json, output }: ShowOptions): Format {
  if (json && (output ?? "json") !== "json") throw new UsageError(`--json and -o ${output} exclude each other`);
  return json ? "json" : (output ?? "table");
}

/** The options of what shows one thing, by `showOne`. */
export const withShow = (command: Command): Command =>
  command
    .addOption(new Option("-o, --output <format>", "the output format").choices(["table", "json", "yaml"]))
    .option("--json", "the same as -o json");

/** The answer as the API gave it, or as `people` prints it, as `withShow` was told. */
export async function showOne<Value>(
  cli: Cli,
  options: ShowOptions,
  answer: Answer<Value>,
  people: (value: Value) => void,
): Promise<void> {
  const format = formatOf(options);
  if (format === "json" || format === "yaml") await printAs(cli, format, answer.json);
  else people(answer.value);
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

/** The answer as the API gave it. */
export async function printAs(cli: Cli, format: "json" | "yaml", value: unknown): Promise<void> {
  if (format === "json") return printJson(cli, value);
  // Readers of YAML 1.1, of which there are many, take a bare on or no for a boolean.
  const { stringify } = await import("yaml");
  cli.stdout.write(stringify(value ?? null, null, { compat: "yaml-1.1" }));
}
