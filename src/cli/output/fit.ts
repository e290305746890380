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
  /** Its ids can be shown by their beginnings, by which commands find them. */
  readonly isId: boolean;
}

/** As many of an id's characters: the time to the millisecond, of ours. */
const idLength = 13;

/** Their beginnings, each longer than that where it would be another's too. */
function shortened(ids: readonly string[]): string[] {
  const longest = Math.max(0, ...ids.map((it) => it.length));
  let length = idLength;
  while (length < longest && new Set(ids.map((it) => it.slice(0, length))).size < new Set(ids).size) length += 1;
  return ids.map((it) => it.slice(0, length));
}

/**
 * The table in a terminal `room` characters wide: with its text cut and its ids shortened, then without the columns that can be spared, the
 * greatest first, and then with the widest cut. Undefined room: as it is.
 */
export function fit(table: Table, columns: readonly Fitted[], room: number | undefined): Table {
  if (room === undefined) return table;
  let texts = table.headings.map((_, column) => table.rows.map((row) => textOf(row[column])));
  let widths = widthsOf(table.headings, texts);
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
  const briefly = (column: number) => (isText(column) ? Math.min(wide(column), brief) : wide(column));
  if (total(briefly) > room) {
    texts = texts.map((column, at) => (columns[at]?.isId ? shortened(column) : column));
    widths = widthsOf(table.headings, texts);
  }
  for (;;) {
    const most = Math.max(...kept.map((column) => columns[column]?.spare ?? 0));
    if (total(briefly) <= room || most === 0) break;
    kept = kept.filter((column) => columns[column]?.spare !== most);
  }
  cutDown(kept.filter(isText), brief);
  cutDown(kept, least);
  const cutRow = (_: unknown, row: number) => kept.map((column) => cut(texts[column]?.[row] ?? "", wide(column)));
  return { headings: kept.map((column) => table.headings[column] ?? ""), rows: table.rows.map(cutRow) };
}

const widthsOf = (headings: readonly string[], texts: readonly (readonly string[])[]): number[] =>
  headings.map((heading, column) => Math.max(widthOf(heading), ...(texts[column] ?? []).map(widthOf)));

/** A cell with colours is short, and stays whole. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width || stripVTControlCharacters(text) !== text) return text;
  return `${Array.from(text)
    .slice(0, width - 1)
    .join("")}\u2026`;
}
