import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { InvalidArgumentError } from "commander";
import type { Cli } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";

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

/** What the droplet gets at its first boot: the file's text, or what comes on stdin for `-`. */
export async function readUserData(cli: Cli, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  if (path === "-") return text(cli.stdin);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new UsageError(`--user-data: ${path} could not be read`, { cause });
  }
}
