import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { BackupError, end, type Line, line, longestLine, type Manifest, manifest, mostFiles } from "./format.ts";
import { splitLines } from "./split-lines.ts";

/** A backup that was read to its end, and is complete and as it was written. That says nothing of who wrote it. */
export interface Proven {
  readonly manifest: Manifest;
  readonly rows: number;
  /** What goes with the database, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly sha256: string;
  /** What its maker's secret key made of the checksum. */
  readonly hmac: string | undefined;
}

/**
 * Reads a whole backup and proves it: complete, and as it was written.
 * @throws {BackupError} when it is not
 */
export async function proveBackup(path: string): Promise<Proven> {
  const files = new Map<string, string>();
  let rows = 0;
  const reading = read(path);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) {
      if (value.rows !== rows) throw damaged(path, "it is not as it was written");
      return { ...value, files };
    }
    if (typeof value === "string") rows += 1;
    else if ("file" in value) files.set(value.file, value.content);
    if (files.size > mostFiles) throw damaged(path, "it holds more files than a backup has");
  }
}

/**
 * The lines after the manifest.
 * @param sha256 of the file that was proven
 * @throws {BackupError} at its end, when it is another file by now
 */
export async function* linesOf(path: string, sha256: string): AsyncGenerator<Line> {
  const now = yield* read(path);
  if (now.sha256 !== sha256) throw damaged(path, "it was changed while it was read");
}

/** Every line between the manifest and the end. @returns what these two say, checked */
async function* read(path: string): AsyncGenerator<Line, Omit<Proven, "files">> {
  const hash = createHash("sha256");
  let head: Manifest | undefined;
  let finished: Omit<Proven, "files" | "manifest"> | undefined;
  for await (const text of textLines(path)) {
    if (finished) throw damaged(path, "something follows its end");
    if (!head) head = readHead(path, text);
    else {
      const value = readLine(path, text);
      const last = end.safeParse(value).data;
      if (last) finished = { rows: last.rows, sha256: last.sha256, hmac: last.hmac };
      else yield value;
    }
    if (!finished) hash.update(`${text}\n`);
  }
  if (!head || !finished) throw damaged(path, "it was cut off");
  if (finished.sha256 !== hash.digest("hex")) throw damaged(path, "it is not as it was written");
  return { manifest: head, ...finished };
}

async function* textLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const plain = createGunzip();
  file.on("error", (error) => plain.destroy(error));
  file.pipe(plain);
  try {
    yield* splitLines(plain, longestLine);
  } catch (cause) {
    throw new BackupError(`${path} could not be read as a backup; nothing was changed`, { cause });
  } finally {
    file.destroy();
    plain.destroy();
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
