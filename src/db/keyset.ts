import { type RawBuilder, sql } from "kysely";
import { filledId } from "#ids.ts";
import type { Db } from "./connection.ts";
import type { DB } from "./schema.ts";

/** Where a page of a list begins: after the row with this time and id, in descending order. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

export interface Keyset {
  readonly limit: number;
  readonly after?: Position | undefined;
}

export type Condition = RawBuilder<boolean>;

/** True of the rows that come after the position, newest first. */
export const isOlder = (at: string, id: string, after: Position | undefined): Condition =>
  after ? sql<boolean>`(${sql.ref(at)}, ${sql.ref(id)}) < (${after.at}, ${after.id})` : sql<boolean>`true`;

/** True of the rows with this value; undefined, when nothing is asked. */
export const equals = (column: string, value: unknown): Condition | undefined =>
  value === undefined ? undefined : sql<boolean>`${sql.ref(column)} = ${value}`;

/** True of the rows whose id, a UUID, begins so: a range, which the key holds in its order. */
export const idBegins = (prefix: string | undefined): Condition | undefined => {
  if (prefix === undefined) return undefined;
  return sql<boolean>`id between ${filledId(prefix, "0")}::uuid and ${filledId(prefix, "f")}::uuid`;
};

const joined = (conditions: readonly Condition[], by: "and" | "or"): Condition =>
  sql<boolean>`(${sql.join(conditions, sql.raw(` ${by} `))})`;

/** True of the rows that fulfil every condition that is there. */
export const all = (...conditions: readonly (Condition | undefined)[]): Condition =>
  joined([sql<boolean>`true`, ...conditions.filter((it) => it !== undefined)], "and");

/** A list that indexes hold in its order: newest first, by a time and the id. */
export interface List {
  readonly table: keyof DB;
  /** The column of the time. */
  readonly at: string;
  /** All of them, unless it says which. */
  readonly columns?: readonly string[];
  /** What every row fulfils. */
  readonly every: Condition;
  /** If there are any, each row fulfils one of them. */
  readonly some?: readonly (Condition | Each)[] | undefined;
}

/** True of the rows that fulfil the condition with a row of another table, of which there are few. */
export interface Each {
  /** That table, under the name by which the condition knows it. */
  readonly of: RawBuilder<unknown>;
  readonly condition: Condition;
}

/** The `limit` newest rows that fulfil the condition, as a table in brackets. */
const newest = ({ table, at, columns }: List, condition: Condition, limit: number) => {
  const shown = columns ? sql.join(columns.map((column) => sql.ref(column))) : sql`*`;
  const order = sql`${sql.ref(at)} desc, id desc`;
  return sql`(select ${shown} from ${sql.table(table)} where ${condition} order by ${order} limit ${limit})`;
};

const asCondition = (one: Condition | Each): Condition =>
  "of" in one ? sql<boolean>`exists (select from ${one.of} where ${one.condition})` : one;

/**
 * A page of the list. PostgreSQL reads an index in its order for one value, and would read and sort all rows of
 * several: so of each of `some` a page is read, and one is made of them.
 */
export async function readPage<Row>(db: Db, list: List, page: Keyset): Promise<Row[]> {
  const every = all(isOlder(list.at, "id", page.after), list.every);
  const part = (condition: Condition) => newest(list, all(every, condition), page.limit);
  const parts = (list.some ?? [all()]).map((one) =>
    "of" in one ? sql`(select part.* from ${one.of} cross join lateral ${part(one.condition)} as part)` : part(one),
  );
  const { rows } = await sql<Row>`
    select * from (${sql.join(parts, sql` union `)}) as parts
    order by ${sql.ref(list.at)} desc, id desc limit ${page.limit}`.execute(db);
  return rows;
}

/** What few or many rows may fulfil. */
export interface Sought {
  /** As it is asked of a row at hand. */
  readonly near: Condition;
  /** As an index tells it, in whatever order. */
  readonly far: Condition;
}

/** How many of the newest rows are looked through before that index is asked. */
const nearby = 5000;

/**
 * A page of the list's rows that are sought. What many rows fulfil fills the page from the newest of them; what few do is
 * found by its index. Either way alone would be slow for the other.
 * @param whose what all rows fulfil that are looked through: conditions that an index holds in the list's order
 */
export async function searchPage<Row>(
  db: Db,
  list: List,
  page: Keyset,
  whose: Condition,
  sought: readonly Sought[],
): Promise<Row[]> {
  const older = isOlder(list.at, "id", page.after);
  const asked = all(list.every, list.some && joined(list.some.map(asCondition), "or"));
  const find = async (from: RawBuilder<unknown>, conditions: readonly Condition[]): Promise<Row[]> => {
    const { rows } = await sql<Row>`
      select * from ${from} as ${sql.table(list.table)} where ${all(asked, ...conditions)}
      order by ${sql.ref(list.at)} desc, id desc limit ${page.limit}`.execute(db);
    return rows;
  };
  const near = await find(
    newest(list, all(older, whose), nearby),
    sought.map((it) => it.near),
  );
  if (near.length === page.limit) return near;
  return find(sql.table(list.table), [older, ...sought.map((it) => it.far)]);
}

/**
 * That one of the columns holds the text.
 * @param kind as `search_index` names it: deployments, droplets of the inventory, tenants
 */
export function holding(kind: "d" | "r" | "t", text: string, columns: readonly string[]): Sought {
  const pattern = containing(text);
  const holds = columns.map((column) => sql<boolean>`${sql.ref(column)} ilike ${pattern}`);
  return {
    near: joined(holds, "or"),
    far: isAnyOf(sql`
      select object_id from search_index
      where search_runs(kind, words) @> search_runs_within(${kind}, ${text}) and words ilike ${pattern}`),
  };
}

/** That the row's `labels` hold all of these. */
export function labelled(table: "deployments" | "tenants", wanted: Readonly<Record<string, string>>): Sought {
  const holds = sql<boolean>`labels @> ${JSON.stringify(wanted)}::jsonb`;
  return { near: holds, far: isAnyOf(sql`select id from ${sql.table(table)} where ${holds}`) };
}

/** The ids are found first, whatever PostgreSQL thinks of how many there are: it knows little of what a text may hold. */
export const isAnyOf = (ids: RawBuilder<unknown>): Condition => sql<boolean>`id = any(array(${ids}))`;

/** A pattern for `ilike` that finds the text anywhere, taking none of it for a wildcard. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
