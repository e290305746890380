import { stripVTControlCharacters, styleText } from "node:util";
import { type Output, say } from "#cli/cli.ts";

export type Cell = string | number | null | undefined;

/** Rows under headings, in columns as wide as their widest cell. A missing cell is a dash. */
export function printRows(
  output: Output,
  headings: readonly string[] | undefined,
  rows: readonly (readonly Cell[])[],
): void {
  const texts = rows.map((row) => row.map(textOf));
  const all = headings ? [headings, ...texts] : texts;
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? "")))) ?? [];
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd();
  if (headings) say(output, styleText("dim", line(headings), { stream: output }));
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

export const textOf = (cell: Cell): string => (cell === null || cell === undefined || cell === "" ? "-" : `${cell}`);

export const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length;
