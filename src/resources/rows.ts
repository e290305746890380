import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { Row } from "./ledger.ts";
import { livePhases, type Phase } from "./phases.ts";

export type { Row };

// What others ask the ledger: reads alone.

/** What these sagas answer for that is there, or may be; the oldest first. */
export async function heldBySagas(db: Db | Tx, sagas: readonly string[]): Promise<Row[]> {
  if (sagas.length === 0) return [];
  const query = db.selectFrom("provider_resources").selectAll().where("saga_id", "in", sagas);
  return query.where("phase", "in", livePhases).orderBy("created_at").orderBy("id").execute();
}

/** The row of this id. @throws when there is none */
export const rowOf = (db: Db | Tx, id: string): Promise<Row> =>
  db.selectFrom("provider_resources").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

/** What is there of an owner, or may be. */
export const heldForOwner = (db: Db | Tx, owner: Pick<Row, "deployment_id">): Promise<Row[]> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("deployment_id", "=", owner.deployment_id)
    .where("phase", "in", livePhases)
    .orderBy("surplus")
    .orderBy("created_at")
    .orderBy("id")
    .execute();

/** What each of these owners has of the kind, the chosen one, by the owner's id. */
export async function heldOfKind(db: Db | Tx, kind: string, owners: readonly string[]): Promise<Map<string, Row>> {
  if (owners.length === 0) return new Map();
  const rows = await db
    .selectFrom("provider_resources")
    .selectAll()
    .where("deployment_id", "in", owners)
    .where("kind", "=", kind)
    .where("phase", "in", livePhases)
    .where("surplus", "=", false)
    .orderBy("created_at")
    .execute();
  return new Map(rows.map((row) => [row.deployment_id ?? "", row]));
}

/** Its id at the provider, where it is there. */
export const idThere = (row: Row | undefined): string | null => (row?.phase === "there" ? row.provider_id : null);

/** How many things of the kind are on their way out. */
export async function countRemoving(db: Db | Tx, kind: string): Promise<number> {
  const { count } = await db
    .selectFrom("provider_resources")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("kind", "=", kind)
    .where("phase", "=", "removing")
    .executeTakeFirstOrThrow();
  return count;
}

/** What has this id and is there, or may be. */
export const liveRow = (db: Db | Tx, kind: string, providerId: string): Promise<Row | undefined> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where("provider_id", "=", providerId)
    .where("phase", "in", livePhases)
    .executeTakeFirst();

/** The newest row of what has this id, or had. */
export const newestWithId = (db: Db | Tx, kind: string, providerId: string): Promise<Row | undefined> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where("provider_id", "=", providerId)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();

/** The newest row of what we made under this name, or with this tag. */
export const newestLike = (
  db: Db | Tx,
  kind: string,
  { name, tag }: { readonly name: string | null; readonly tag?: string | undefined },
): Promise<Row | undefined> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where((row) => row.or([row(sql`handle ->> 'name'`, "=", name ?? ""), row(sql`handle ->> 'tag'`, "=", tag ?? "")]))
    .where("origin", "=", "made")
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();

/** Which of these ids something has that is there, or may be. */
export const liveAmong = (db: Db | Tx, kind: string, ids: readonly string[]): Promise<Set<string>> =>
  idsIn(db, kind, ids, livePhases);

/** The same, and those that were left to somebody else: a record that a rollback has brought back is its owner's again. */
export const accountedFor = (db: Db | Tx, kind: string, ids: readonly string[]): Promise<Set<string>> =>
  idsIn(db, kind, ids, [...livePhases, "left"]);

async function idsIn(
  db: Db | Tx,
  kind: string,
  ids: readonly string[],
  phases: readonly Phase[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("provider_resources")
    .select("provider_id")
    .where("kind", "=", kind)
    .where("provider_id", "in", ids)
    .where("phase", "in", phases)
    .execute();
  return new Set(rows.flatMap((row) => row.provider_id ?? []));
}

/** The ids of what of this kind is there, or was. */
export async function everHeld(db: Db | Tx, kind: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom("provider_resources")
    .select("provider_id")
    .distinct()
    .where("kind", "=", kind)
    .where("provider_id", "is not", null)
    .execute();
  return new Set(rows.flatMap((row) => row.provider_id ?? []));
}

/** What each of these sagas has made, by the saga's id: the id at the provider, also when it is gone by now. */
export async function madeBySagas(db: Db | Tx, kind: string, sagas: readonly string[]): Promise<Map<string, string>> {
  if (sagas.length === 0) return new Map();
  const rows = await db
    .selectFrom("provider_resources")
    .select(["begun_by", "provider_id"])
    .where("begun_by", "in", sagas)
    .where("kind", "=", kind)
    .where("origin", "=", "made")
    .where("surplus", "=", false)
    .where("provider_id", "is not", null)
    .orderBy("created_at", "desc")
    .execute();
  return new Map(rows.map((row) => [row.begun_by, row.provider_id ?? ""]));
}

/** Of what had these ids: the rows of what we have removed. */
export async function goneAmong(db: Db | Tx, kind: string, ids: readonly string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where("provider_id", "in", ids)
    .where("phase", "=", "gone")
    .execute();
}

/** Which of these names something that we made has, or had. */
export async function namesAmong(db: Db | Tx, kind: string, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await db
    .selectFrom("provider_resources")
    .select(sql<string>`handle ->> 'name'`.as("name"))
    .distinct()
    .where("kind", "=", kind)
    .where(sql<string>`handle ->> 'name'`, "in", names)
    .where("origin", "=", "made")
    .execute();
  return new Set(rows.map(({ name }) => name));
}

/**
 * Whether what has this id was there for a saga that has completed, and nobody has ordered its end since: no DELETE, no
 * rollback, no removal that took it over.
 */
export async function servedUnasked(db: Db | Tx, kind: string, providerId: string): Promise<boolean> {
  const row = await db
    .selectFrom("provider_resources as held")
    .innerJoin("sagas", "sagas.id", "held.saga_id")
    .select(["held.deletes", "held.begun_by", "held.saga_id", "held.surplus", "sagas.direction"])
    .where("held.kind", "=", kind)
    .where("held.provider_id", "=", providerId)
    .orderBy("held.created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return (
    row !== undefined &&
    row.deletes === 0 &&
    !row.surplus &&
    row.begun_by === row.saga_id &&
    row.direction === "forward"
  );
}

/** What of this kind is there, or may be, whoever's it is. */
export const liveOfKind = (db: Db | Tx, kind: string): Promise<Row[]> =>
  db.selectFrom("provider_resources").selectAll().where("kind", "=", kind).where("phase", "in", livePhases).execute();

/** What was asked for since then, and was given up without anybody knowing an id of it: it may still act. */
export const unansweredSince = (db: Db | Tx, kind: string, since: Date): Promise<Row[]> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where("phase", "in", ["absent", "abandoned"])
    .where("provider_id", "is", null)
    .where("created_at", ">=", since)
    .orderBy("created_at")
    .execute();

/** What was asked for without anybody knowing an id of it, and given up, by what its handle says. */
export const unansweredAmong = (
  db: Db | Tx,
  kind: string,
  handle: object,
  key: string,
  values: readonly string[],
): Promise<Row[]> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where("phase", "in", ["absent", "abandoned"])
    .where("provider_id", "is", null)
    .where(sql<boolean>`handle @> ${JSON.stringify(handle)}::jsonb`)
    .where(sql<string>`handle ->> ${key}`, "in", values)
    .execute();

/** To what something leads that is being removed, or is left and about to be, of those whose handle says this. */
export async function removingAt(db: Db | Tx, kind: string, handle: object): Promise<string | undefined> {
  const found = await db
    .selectFrom("provider_resources")
    .select(sql<string>`handle ->> 'data'`.as("data"))
    .where("kind", "=", kind)
    .where((it) => it.or([it("phase", "=", "removing"), it("phase", "=", "there").and("deployment_id", "is", null)]))
    .where(sql<boolean>`handle @> ${JSON.stringify(handle)}::jsonb`)
    .limit(1)
    .executeTakeFirst();
  return found?.data;
}

/** What is there under the same handle, whatever its TTL, with an id of its own. */
export const holderOf = (db: Db | Tx, row: Pick<Row, "id" | "kind" | "handle">): Promise<Row | undefined> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", row.kind)
    .where("id", "!=", row.id)
    .where("phase", "=", "there")
    .where("provider_id", "is not", null)
    .where(sql<boolean>`handle - 'ttl' - 'parking' = ${JSON.stringify(row.handle)}::jsonb - 'ttl' - 'parking'`)
    .limit(1)
    .executeTakeFirst();

/** Whether something under the same handle is being made just now, whose id is not known yet. */
export async function isBeingMade(db: Db | Tx, row: Pick<Row, "kind" | "handle">): Promise<boolean> {
  const making = await db
    .selectFrom("provider_resources")
    .select("id")
    .where("kind", "=", row.kind)
    .where("phase", "=", "sending")
    .where(sql<boolean>`handle = ${JSON.stringify(row.handle)}::jsonb`)
    .limit(1)
    .executeTakeFirst();
  return making !== undefined;
}
