import { readFile, glob } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

/** A regular expression of the product, and where it stands. `source` undefined: it is put together while running. */
export interface Pattern {
  readonly at: string;
  readonly source: string | undefined;
  readonly flags: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every regular expression that is written anywhere in src/, tests aside: literals, and what is handed to RegExp. */
export async function patternsOf(folder: string): Promise<Pattern[]> {
  const found: Pattern[] = [];
  for await (const path of glob(`${folder}/**/*.{ts,tsx}`, { cwd: root })) {
    if (path.includes(".test.")) continue;
    const text = await readFile(`${root}/${path}`, "utf8");
    visit(parseSync(path, text).program, (node) => {
      const at = `${path}:${text.slice(0, node.start).split("\n").length}`;
      if (node.regex) found.push({ at, source: node.regex.pattern, flags: node.regex.flags });
      else if (node.type.endsWith("Expression") && node.callee?.name === "RegExp") {
        const put = node.arguments?.[0]?.value;
        found.push({ at, source: typeof put === "string" ? put : undefined, flags: "" });
      }
    });
  }
  return found.toSorted((a, b) => a.at.localeCompare(b.at));
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly regex?: { readonly pattern: string; readonly flags: string };
  readonly callee?: { readonly name?: string };
  readonly arguments?: readonly { readonly value?: unknown }[];
}

function visit(it: unknown, see: (node: Node) => void): void {
  if (typeof it !== "object" || it === null) return;
  if ("type" in it && typeof it.type === "string") see(it as Node);
  for (const value of Object.values(it)) visit(value, see);
}
