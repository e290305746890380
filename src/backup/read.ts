import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { BackupError, end, type Line, line, type Manifest, manifest } from "./format.ts";

/** A backup that was read to its end. */
export interface Proven {
  readonly manifest: Manifest;
  readonly rows: number;
  /** What goes with the database, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Reads a whole backup and proves it: complete, and as it was written.
 * @throws {BackupError} when it is not
 */
export async function proveBackup(path: string): Promise<Proven> {
  const hash = createHash("sha256");
  const files = new Map<string, string>();
  let head: Manifest | undefined;
  let rows = 0;
  let finished: { rows: number; sha256: string } | undefined;
  for await (const text of textLines(path)) {
    if (finished) throw damaged(path, "something follows its end");
    if (!head) head = readHead(path, text);
    else {
      const value = readLine(path, text);
      if (typeof value === "string") rows += 1;
      else if ("file" in value) files.set(value.file, value.content);
      else finished = end.safeParse(value).data;
    }
    if (!finished) hash.update(`${text}\n`);
  }
  if (!head || !finished) throw damaged(path, "it was cut off");
  if (finished.sha256 !== hash.digest("hex") || finished.rows !== rows)
    throw damaged(path, "it is not as it was written");
  return { manifest: head, rows, files };
}

/** The lines after the manifest. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let first = true;
  for await (const text of textLines(path)) {
    if (!first) yield readLine(path, text);
    first = false;
  }
}

async function* textLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const plain = createGunzip();
  file.on("error", (error) => plain.destroy(error));
  file.pipe(plain);
  try {
    yield* createInterface({ input: plain, crlfDelay: Infinity });
    // readline ends quietly when its input breaks.
    if (plain.errored) throw plain.errored;
  } catch (cause) {
    throw new BackupError(`${path} could not be read as a backup; nothing was changed`, { cause });
  } finally {
    file.destroy();
  }
}

const damaged = (path: string, how: string): BackupError =>
  new BackupError(`${path} is damaged: ${how}. Nothing was changed; restore another backup`);

function readHead(path: string, text: string): Manifest {
  const parsed = manifest.safeParse(json(path, text));
  if (parsed.success) return parsed.data;
  throw new BackupError(`${path} is not a backup that this release can read; nothing was changed`, {
    cause: parsed.error,
  });
}

function readLine(path: string, text: string): Line {
  const parsed = line.safeParse(json(path, text));
  if (parsed.success) return parsed.data;
  throw damaged(path, "a line of it is not one of a backup");
}

function json(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BackupError(`${path} is not a backup, or damaged: a line is not JSON. Nothing was changed`, { cause });
  }
}
