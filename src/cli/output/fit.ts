import { stripVTControlCharacters } from "node:util";
import { type Cell, textOf, widthOf } from "./table.ts";

interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const gap = 2;
/** No column is cut to less. */
const least = 8;
/** No column of text is cut to less, so that another is left out for it. */
const brief = 24;

interface Fitted {
  /** How soon it is left out; 0: never. */
  readonly spare: number;
  /** Its sentences can be cut, before any column is left out. */
  readonly isText: boolean;
}

/**
 * The table in a terminal `room` characters wide: with its text cut, then without the columns that can be spared, the
 * greatest first, and then with the widest cut. Undefined room: as it is.
 */
export function fit(table: Table, columns: readonly Fitted[], room: number | undefined): Table {
  if (room === undefined) return table;
  const widths = table.headings.map((heading, column) =>
    Math.max(widthOf(heading), ...table.rows.map((row) => widthOf(textOf(row[column])))),
  );
  let kept = table.headings.map((_, column) => column);
  const isText = (column: number) => columns[column]?.isText === true;
  const wide = (column: number) => widths[column] ?? 0;
  const total = (of: (column: number) => number) => kept.reduce((sum, column) => sum + of(column) + gap, -gap);
  const cutDown = (some: readonly number[], floor: number): void => {
    while (some.length > 0 && total(wide) > room) {
      const widest = some.reduce((a, b) => (wide(b) > wide(a) ? b : a));
      if (wide(widest) <= floor) return;
      widths[widest] = wide(widest) - 1;
    }
  };
  for (;;) {
    const most = Math.max(...kept.map((column) => columns[column]?.spare ?? 0));
    if (total((column) => (isText(column) ? Math.min(wide(column), brief) : wide(column))) <= room || most === 0) break;
    kept = kept.filter((column) => columns[column]?.spare !== most);
  }
  cutDown(kept.filter(isText), brief);
  cutDown(kept, least);
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
