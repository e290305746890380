import { InvalidArgumentError } from "commander";
import { z } from "zod";
import type { Cli } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";
import { named, readText } from "./read-text.ts";

/** For an option that can be repeated: `cohort=internal`. */
export function collectPairs(value: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = value.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is a name and a value: NAME=VALUE.");
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

/** As a list is filtered by them. */
export const asFilter = (labels: Readonly<Record<string, string>> | undefined): string | undefined =>
  labels &&
  Object.entries(labels)
    .map(([key, value]) => `${key}:${value}`)
    .join(",");

/** As `--label` and `--no-labels` say: undefined where they stay as they are. @throws {UsageError} for both */
export function labelsOf(options: {
  readonly label?: Readonly<Record<string, string>>;
  readonly labels: boolean;
}): Readonly<Record<string, string>> | undefined {
  if (!options.labels && options.label) throw new UsageError("--label and --no-labels exclude each other");
  return options.labels ? options.label : {};
}

const shape = z.record(z.string(), z.string());

/**
 * Variables of a file in JSON, `{"NAME": "value"}`, or of stdin for `-`: other users of this machine see the arguments of
 * commands, but not those.
 * @throws {UsageError}
 */
export async function readVariables(cli: Cli, path: string | undefined): Promise<Record<string, string> | undefined> {
  if (path === undefined) return undefined;
  const text = await readText(cli, path, "--variables");
  try {
    return shape.parse(JSON.parse(text.replace(/^\ufeff/, "")));
  } catch (cause) {
    // What is wrong with it would quote it.
    throw new UsageError(`--variables: ${named(path)} cannot be read as an object of texts in JSON; nothing was sent`, {
      cause,
    });
  }
}
