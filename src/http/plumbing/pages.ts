import type { Keyset, Position } from "#db/keyset.ts";
import { refuseFaults } from "#refusal.ts";

/** Names a list in its cursors: a position in one list means nothing in another. */
export type ListName =
  | "audit"
  | "deployments"
  | "orphans"
  | "releases"
  | "resources"
  | "sagas"
  | "snapshots"
  | "tenants"
  | "tokens"
  | "webhook_deliveries"
  | "webhooks";

const format = /^([a-z_]+)\.(\d{1,15})\.([0-9a-f-]{36}|\d{1,15})$/;

const encode = (list: ListName, { at, id }: Position): string =>
  Buffer.from(`${list}.${at.getTime()}.${id}`).toString("base64url");

function decode(list: ListName, cursor: string): Position | undefined {
  const [, name, at, id] = format.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  return name !== list || at === undefined || id === undefined ? undefined : { at: new Date(Number(at)), id };
}

const idFormats = { uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, number: /^\d{1,15}$/ };

/** One row more than asked for is read: it tells whether there is another page. */
export function keyset(
  list: ListName,
  query: { readonly limit: number; readonly cursor?: string | undefined },
  ids: keyof typeof idFormats = "uuid",
): Keyset {
  const limit = query.limit + 1;
  if (query.cursor === undefined) return { limit };
  const after = decode(list, query.cursor);
  if (!after || !idFormats[ids].test(after.id))
    refuseFaults([{ path: "cursor", message: "is not a cursor of this list" }]);
  return { limit, after };
}

/** The page of a list of which the caller is shown nothing. */
export const emptyPage = { items: [], next_cursor: null };

export function page<Row, Item>(
  list: ListName,
  rows: readonly Row[],
  query: { readonly limit: number },
  positionOf: (row: Row) => Position,
  present: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const more = rows.length > query.limit && last !== undefined;
  return { items: shown.map(present), next_cursor: more ? encode(list, positionOf(last)) : null };
}
