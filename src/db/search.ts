import { sql } from "kysely";
import { type Condition, type Keyset, type Position } from "./keyset.ts";

/** What is searched for, as `search_index` names it: deployments, droplets of the inventory, tenants. */
export type Kind = "d" | "r" | "t";

/** How many of the newest rows are looked through before the index is asked. */
const nearby = 5000;

export interface Search<Row> {
  readonly kind: Kind;
  readonly text: string;
  /** What it may stand in. */
  readonly columns: readonly string[];
  /** By which the list is ordered. */
  readonly at: string;
  readonly page: Keyset;
  /** Where the list is that many rows further on than the page begins; undefined when it ends before. */
  readonly ahead: (rows: number) => Promise<Pick<Position, "at"> | undefined>;
  /** The page of what also fulfils the condition. */
  readonly find: (condition: Condition) => Promise<Row[]>;
}

/**
 * A page of the rows that hold the text. What many rows hold fills the page from the newest of them; what few hold is
 * found by its index. Either way alone would be slow for the other.
 */
export async function search<Row>(asked: Search<Row>): Promise<Row[]> {
  const { kind, text, columns, at, page, ahead, find } = asked;
  const pattern = containing(text);
  const end = await ahead(nearby);
  const holds = sql.join(
    columns.map((column) => sql`${sql.ref(column)} ilike ${pattern}`),
    sql` or `,
  );
  const near = end ? sql`${sql.ref(at)} >= ${end.at}` : sql`true`;
  const found = await find(sql<boolean>`${near} and (${holds})`);
  if (!end || found.length === page.limit) return found;
  return find(sql<boolean>`id in (
    select object_id from search_index
    where search_runs(kind, words) @> search_runs_within(${kind}, ${text}) and words ilike ${pattern})`);
}

/** A pattern for `ilike` that finds the text anywhere, taking none of it for a wildcard. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
