import { type RawBuilder, sql } from "kysely";

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

/** True of the rows that fulfil every condition that is there. */
export const all = (...conditions: readonly (Condition | undefined)[]): Condition =>
  sql<boolean>`(${sql.join([sql`true`, ...conditions.filter((it) => it !== undefined)], sql` and `)})`;

/** A list that indexes hold in its order: the newest first, by this column and the id. */
export interface Newest {
  readonly table: string;
  readonly at: string;
  readonly limit: number;
  /** What all of its rows fulfil. */
  readonly every: Condition;
}

/**
 * True of the rows that a page needs of those that fulfil `every`, and one of `some`. PostgreSQL reads an index in order
 * for one value, and would read and sort all rows of several: so for each of them no more is read than a page.
 */
export function isAmong({ table, at, limit, every }: Newest, some: readonly Condition[]): Condition {
  const [only, ...others] = some;
  if (!only) return every;
  if (others.length === 0) return all(every, only);
  const parts = some.map(
    (one) => sql`(select id from ${sql.table(table)} where ${every} and ${one}
      order by ${sql.ref(at)} desc, id desc limit ${limit})`,
  );
  return sql<boolean>`id in (${sql.join(parts, sql` union `)})`;
}
