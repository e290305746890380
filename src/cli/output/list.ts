import { type Command, Option } from "commander";
import type { Answer } from "#cli/api/client.ts";
import { type PageOptions, withPages } from "#cli/api/pages.ts";
import { type Cli, say } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";
import { fit } from "./fit.ts";
import { formatOf, formats, printAs, type ShowOptions } from "./show.ts";
import { type Cell, printRows } from "./table.ts";

export interface Column<Item> {
  /** As it is asked for; its heading is the same in capitals. */
  readonly name: string;
  readonly cell: (item: Item) => Cell;
  /** What it is sorted by where its text does not tell: the time behind `3m ago`. */
  readonly key?: (item: Item) => string | number | null;
  /** A terminal too narrow for all goes without: the greatest first. Without it, the column is never left out. */
  readonly spare?: number;
  /** Its sentences are cut before a column is left out for them. */
  readonly isText?: true;
  /** Its ids are shown by their beginnings where there is no room for them. */
  readonly isId?: true;
}

export type ListOptions = PageOptions & ShowOptions & { columns?: string; headers?: boolean; sort?: string };

/** The options of every list. */
export const withList = (command: Command): Command =>
  withPages(command)
    .addOption(new Option("-o, --output <format>", "the output format").choices(formats))
    .option("--json", "the same as -o json")
    .option("--columns <names>", "only these columns, in this order, with commas")
    .option("--no-headers", "without the line of headings")
    .option("--sort <column>", "sort what was listed by this column; -column for descending order");

/** Whether it is read by a person, who is told more than was asked for. */
export const isForPeople = (options: ShowOptions): boolean => ["table", "wide"].includes(formatOf(options));

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/**
 * Prints a page of a list. On a terminal the table fits it: text is cut, columns are left out, then cut; `wide` prints them all.
 * @param nameOf what other commands find an item by, for `-o name`
 * @throws {UsageError} for a column that there is not
 */
export async function showList<Item>(
  cli: Cli,
  options: ListOptions,
  answer: Answer<Page<Item>>,
  columns: readonly Column<Item>[],
  nameOf: (item: Item) => string | number,
): Promise<void> {
  const format = formatOf(options);
  const { next_cursor: cursor } = answer.value;
  if (format === "json" || format === "yaml") return printAs(cli, format, answer.json);
  const items = options.sort === undefined ? answer.value.items : sorted(answer.value.items, columns, options.sort);
  if (format === "name") for (const item of items) say(cli.stdout, `${nameOf(item)}`);
  else {
    const chosen = options.columns?.split(",").map((name) => find(columns, name)) ?? columns;
    const room = format === "wide" || !cli.stdout.isTTY ? undefined : cli.stdout.columns;
    const rows = items.map((item) => chosen.map(({ cell }) => cell(item)));
    const fitted = chosen.map(({ spare = 0, isText = false, isId = false }) => ({
      spare: options.columns === undefined ? spare : 0,
      isText,
      isId,
    }));
    const headings = chosen.map(({ name }) => name.toUpperCase());
    const table = fit({ headings, rows }, fitted, room);
    printRows(cli.stdout, options.headers === false ? undefined : table.headings, table.rows);
  }
  if (cursor !== null) say(cli.stderr, `There are more: --cursor ${cursor}, or --all`);
}

function find<Item>(columns: readonly Column<Item>[], name: string): Column<Item> {
  const wanted = name.trim().toLowerCase();
  const found = columns.find((column) => column.name === wanted);
  if (found) return found;
  throw new UsageError(`There is no column ${name}; there are ${columns.map((column) => column.name).join(", ")}`);
}

function sorted<Item>(items: readonly Item[], columns: readonly Column<Item>[], by: string): readonly Item[] {
  const back = by.startsWith("-");
  const { key, cell } = find(columns, back ? by.slice(1) : by);
  const keyOf = key ?? cell;
  const order = (a: Item, b: Item) => compare(keyOf(a) ?? "", keyOf(b) ?? "");
  return items.toSorted(back ? (a, b) => order(b, a) : order);
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === "number" && typeof b === "number" ? a - b : `${a}` < `${b}` ? -1 : `${a}` > `${b}` ? 1 : 0;
