import { readFile } from "node:fs/promises";

/** A place in CONTRIBUTING.md: a path, a line, and what stands in that line alone of its file. */
export const places = /`([\w./-]+):(\d+)` \(`([^`]+)`\)/g;

/** The text with the line that each of its places has now. @throws when what a place names is not there, or twice */
export async function withLines(text: string, root: URL): Promise<string> {
  const paths = new Set([...text.matchAll(places)].map(([, path = ""]) => path));
  const files = new Map(
    await Promise.all([...paths].map(async (path) => [path, await readFile(new URL(path, root), "utf8")] as const)),
  );
  return text.replace(places, (_, path: string, _line: string, word: string) => {
    const lines = (files.get(path) ?? "").split("\n").flatMap((it, index) => (it.includes(word) ? [index + 1] : []));
    if (lines.length !== 1)
      throw new Error(
        `CONTRIBUTING.md names ${word} in ${path}, where it stands in ${lines.length} lines: name another`,
      );
    return `\`${path}:${lines[0]}\` (\`${word}\`)`;
  });
}
