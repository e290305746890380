import { InvalidArgumentError } from "commander";
import type { Cli } from "#cli/cli.ts";
import { readText } from "./read-text.ts";

/** For an option that can be repeated. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Digits are a provider's id, anything else a slug or fingerprint. */
export const idOrSlug = (value: string): number | string => (/^\d+$/.test(value) ? Number(value) : value);

export const collectKeys = (value: string, before: readonly (number | string)[] = []): (number | string)[] => [
  ...before,
  idOrSlug(value),
];

/** A droplet's id. */
export function dropletId(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError("It is a droplet's id: digits only.");
  return Number(value);
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError("It is a whole number.");
  return Number(value);
}

/** Of money. */
export function amount(value: string): number {
  if (!/^\d{1,12}(?:\.\d{1,4})?$/.test(value))
    throw new InvalidArgumentError("It is an amount in USD, such as 100 or 12.50.");
  return Number(value);
}

/**
 * What the droplet gets at its first boot: the file's text, or what comes on stdin for `-`.
 * @throws {UsageError} for bytes that are not UTF-8: they would arrive as others
 */
export async function readUserData(cli: Cli, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  // A byte order mark is the droplet's business too.
  const advice = "user_data is text: encode what is binary, in Base64 for example";
  return readText(cli, path, "--user-data", advice);
}
