import { stripVTControlCharacters } from "node:util";
import { type Cell, textOf, widthOf } from "./table.ts";

interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const gap = 2;
/** No column is cut to less. */
const least = 8;

/**
 * The table in a terminal `room` characters wide: without the columns that can be spared, the greatest first, and then
 * with the widest cut. Undefined room: as it is.
 * @param spare of each column how soon it is left out; 0: never
 */
export function fit(table: Table, spare: readonly number[], room: number | undefined): Table {
  if (room === undefined) return table;
  const widths = table.headings.map((heading, column) =>
    Math.max(widthOf(heading), ...table.rows.map((row) => widthOf(textOf(row[column])))),
  );
  let kept = table.headings.map((_, column) => column);
  const total = () => kept.reduce((sum, column) => sum + (widths[column] ?? 0) + gap, -gap);
  for (;;) {
    const most = Math.max(...kept.map((column) => spare[column] ?? 0));
    if (total() <= room || most === 0) break;
    kept = kept.filter((column) => spare[column] !== most);
  }
  while (total() > room) {
    const widest = kept.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a));
    const width = widths[widest] ?? 0;
    if (width <= least) break;
    widths[widest] = width - 1;
  }
  const cutRow = (row: readonly Cell[]) => kept.map((column) => cut(textOf(row[column]), widths[column] ?? 0));
  return { headings: kept.map((column) => table.headings[column] ?? ""), rows: table.rows.map(cutRow) };
}

/** A cell with colours is short, and stays whole. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width || stripVTControlCharacters(text) !== text) return text;
  return `${Array.from(text)
    .slice(0, width - 1)
    .join("")}\u2026`;
}
