import { stripVTControlCharacters, styleText } from "node:util";
import { type Output, say } from "#cli/cli.ts";

export type Cell = string | number | null | undefined;

/** Rows under headings, in columns as wide as their widest cell. A missing cell is a dash. */
export function printTable(output: Output, headings: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const texts = rows.map((row) =>
    row.map((cell) => (cell === null || cell === undefined || cell === "" ? "-" : `${cell}`)),
  );
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...texts.map((row) => width(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell)))
      .join("  ")
      .trimEnd();
  say(output, styleText("dim", line(headings), { stream: output }));
  for (const row of texts) say(output, line(row));
}

/** One thing's fields, a line each, with the values in one column. */
export function printFields(output: Output, fields: Readonly<Record<string, Cell>>): void {
  const widest = Math.max(...Object.keys(fields).map((name) => name.length));
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined || value === "") continue;
    say(output, `${styleText("dim", name.padEnd(widest), { stream: output })}  ${value}`);
  }
}

const width = (text: string): number => Array.from(stripVTControlCharacters(text)).length;
