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

/** True of the rows that come after the position, newest first. */
export const isOlder = (at: string, id: string, after: Position | undefined): RawBuilder<boolean> =>
  after ? sql<boolean>`(${sql.ref(at)}, ${sql.ref(id)}) < (${after.at}, ${after.id})` : sql<boolean>`true`;

/** A pattern for `ilike` that finds the text anywhere, taking none of it for a wildcard. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/** True of the rows whose `labels` hold all of these. */
export const hasLabels = (wanted: Readonly<Record<string, string>>): RawBuilder<boolean> =>
  sql<boolean>`labels @> ${JSON.stringify(wanted)}::jsonb`;
