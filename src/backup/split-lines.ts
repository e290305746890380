import { BackupError } from "./format.ts";

const lineEnd = 0x0a;

/**
 * Text in pieces as lines, never holding more than one of them.
 * @param longest in bytes
 * @throws {BackupError} at a line that is longer, and at bytes that are not UTF-8
 */
export async function* splitLines(pieces: AsyncIterable<Buffer>, longest: number): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer) => {
    size += part.length;
    if (size > longest) throw new BackupError(`A line of it has more than ${longest} bytes`);
    parts.push(part);
  };
  const take = (): string => {
    const text = decoder.decode(Buffer.concat(parts, size));
    parts = [];
    size = 0;
    return text;
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(lineEnd); end !== -1; end = piece.indexOf(lineEnd, from)) {
      add(piece.subarray(from, end));
      yield take();
      from = end + 1;
    }
    add(piece.subarray(from));
  }
  if (size > 0) yield take();
}
