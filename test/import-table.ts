import { readFile } from "node:fs/promises";
import { nouns, rooms } from "../oxlint.config.ts";

const [begin, end] = ["<!-- rooms -->\n", "<!-- end of rooms -->"];

/** ARCHITECTURE.md with the table of who may import whom as the linter holds it. */
export async function architectureWithTable(path: string): Promise<string> {
  const text = await readFile(path, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const after = rest.slice(rest.indexOf(end));
  return `${before}${begin}\n${table()}\n${after}`;
}

function table(): string {
  const rows = rooms.map(({ files, what, may }) => `| ${names(files)} | ${what} | ${allowed(may)} |`);
  const main = "| `main/` | composition: server, worker, demo; imported by nobody but the commands | everything |";
  return ["| folder | what | may import, beside the leaves |", "| --- | --- | --- |", ...rows, main, ""].join("\n");
}

const names = (files: readonly string[]): string =>
  files.map((file) => `\`${file.replace(/^src\//, "").replace(/\*\*$/, "")}\``).join(" ");

/** The nouns may import each other; by name they would fill the table. */
function allowed(may: readonly string[]): string {
  const others = may.filter((it) => !nouns.includes(it)).map((it) => `\`${it}\``);
  return [...others, ...(nouns.every((noun) => may.includes(noun)) ? ["the nouns"] : [])].join(", ") || "nothing";
}
