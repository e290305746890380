import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { Row } from "./ledger.ts";
import { livePhases } from "./phases.ts";

export type { Row };

// What others ask the ledger: reads alone.

/** What these sagas answer for that is there, or may be; the oldest first. */
export async function heldBySagas(db: Db | Tx, sagas: readonly string[]): Promise<Row[]> {
  if (sagas.length === 0) return [];
  const query = db.selectFrom("provider_resources").selectAll().where("saga_id", "in", sagas);
  return query.where("phase", "in", livePhases).orderBy("created_at").orderBy("id").execute();
}

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

/** The newest row of what we made under this name. */
export const newestOfName = (db: Db | Tx, kind: string, name: string): Promise<Row | undefined> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", kind)
    .where(sql<string>`handle ->> 'name'`, "=", name)
    .where("origin", "=", "made")
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();

/** Which of these ids something has that is there, or may be. */
export async function liveAmong(db: Db | Tx, kind: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("provider_resources")
    .select("provider_id")
    .where("kind", "=", kind)
    .where("provider_id", "in", ids)
    .where("phase", "in", livePhases)
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

/** Which of these ids something had that we have removed. */
export async function goneAmong(db: Db | Tx, kind: string, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("provider_resources")
    .select("provider_id")
    .where("kind", "=", kind)
    .where("provider_id", "in", ids)
    .where("phase", "=", "gone")
    .execute();
  return new Set(rows.flatMap((row) => row.provider_id ?? []));
}
