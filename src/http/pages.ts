import type { Keyset, Position } from "#db/keyset.ts";
import { refuseFaults } from "#refusal.ts";

const format = /^(\d{1,15})\.([0-9a-f-]{36}|\d{1,15})$/;

const encode = ({ at, id }: Position): string => Buffer.from(`${at.getTime()}.${id}`).toString("base64url");

function decode(cursor: string): Position | undefined {
  const [, at, id] = format.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  return at === undefined || id === undefined ? undefined : { at: new Date(Number(at)), id };
}

const idFormats = { uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, number: /^\d{1,15}$/ };

/** One row more than asked for is read: it tells whether there is another page. */
export function keyset(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  ids: keyof typeof idFormats = "uuid",
): Keyset {
  const limit = query.limit + 1;
  if (query.cursor === undefined) return { limit };
  const after = decode(query.cursor);
  if (!after || !idFormats[ids].test(after.id))
    refuseFaults([{ path: "cursor", message: "is not a cursor of this list" }]);
  return { limit, after };
}

export function page<Row, Item>(
  rows: readonly Row[],
  query: { readonly limit: number },
  positionOf: (row: Row) => Position,
  present: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const more = rows.length > query.limit && last !== undefined;
  return { items: shown.map(present), next_cursor: more ? encode(positionOf(last)) : null };
}
