import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Cli } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";

/** What an option names, in words. */
export const named = (path: string): string => (path === "-" ? "what came on stdin" : path);

/**
 * The text of a file, or what comes on stdin for `-`, with its byte order mark.
 * @param option that names it: `--user-data`
 * @param advice what else can be done where it is no text
 * @throws {UsageError} for bytes that are not UTF-8: they would arrive as others
 */
export async function readText(
  { stdin }: Pick<Cli, "stdin">,
  path: string,
  option: string,
  advice = "convert it, with iconv for example",
): Promise<string> {
  const bytes = path === "-" ? await buffer(stdin) : await readBytes(path, option);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`${option}: ${named(path)} is not UTF-8, and nothing was sent; ${advice}`, { cause });
  }
}

async function readBytes(path: string, option: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new UsageError(`${option}: ${path} could not be read`, { cause });
  }
}

/**
 * Node.js gives bytes of an argument that are not UTF-8 as U+FFFD, one like the other: what was meant cannot be told.
 * @throws {UsageError}
 */
export function refuseNotUtf8(args: readonly string[]): void {
  const at = args.findIndex((it) => it.includes("\ufffd"));
  if (at === -1) return;
  throw new UsageError(
    `Argument ${at + 1} holds bytes that are not UTF-8 (or U+FFFD), and nothing was done; give it in UTF-8`,
  );
}
