import { type Insertable, type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { containing, isOlder, type Keyset } from "#db/keyset.ts";
import type { Releases } from "#db/schema.ts";
import { endedStatuses } from "#saga-ended.ts";

/** Without its sealed user_data, which is long and for droplets only. */
export type ReleaseRow = Omit<Selectable<Releases>, "user_data"> & { readonly has_user_data: boolean };

const columns = [
  "id",
  "name",
  "image",
  "size_slug",
  "ssh_keys",
  "health_check",
  "monitoring",
  "ipv6",
  "backups",
  "vpc_uuid",
  "stateless",
  "rollback_safe",
  "volume",
  "reserved_ip",
  "created_at",
  sql<boolean>`user_data is not null`.as("has_user_data"),
] as const;

export function listReleases(db: Db, filter: { readonly q?: string | undefined }, page: Keyset): Promise<ReleaseRow[]> {
  let query = db
    .selectFrom("releases")
    .select(columns)
    .where(isOlder("created_at", "id", page.after));
  if (filter.q !== undefined) query = query.where("name", "ilike", containing(filter.q));
  return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(page.limit).execute();
}

export const findRelease = (db: Db | Tx, name: string): Promise<ReleaseRow | undefined> =>
  db.selectFrom("releases").select(columns).where("name", "=", name).executeTakeFirst();

/** Those of these names that there are. */
export async function releasesNamed(db: Db | Tx, names: readonly string[]): Promise<ReadonlyMap<string, ReleaseRow>> {
  if (names.length === 0) return new Map();
  const rows = await db.selectFrom("releases").select(columns).where("name", "in", names).execute();
  return new Map(rows.map((row) => [row.name, row]));
}

/** The release, kept from being deleted until the transaction ends: whoever is to use it holds it. */
export const holdRelease = (tx: Tx, name: string): Promise<ReleaseRow | undefined> =>
  tx.selectFrom("releases").select(columns).where("name", "=", name).forShare().executeTakeFirst();

/** @throws what `violatedUnique` calls `releases_name_key` when the name is taken */
export const insertRelease = (tx: Tx, row: Insertable<Releases>): Promise<ReleaseRow> =>
  tx.insertInto("releases").values(row).returning(columns).executeTakeFirstOrThrow();

export const lockRelease = (tx: Tx, name: string): Promise<ReleaseRow | undefined> =>
  tx.selectFrom("releases").select(columns).where("name", "=", name).forUpdate().executeTakeFirst();

export async function deleteReleaseRow(tx: Tx, name: string): Promise<void> {
  await tx.deleteFrom("releases").where("name", "=", name).execute();
}

/** How many deployments may still need it: those that are not terminated, and those that a live saga is to bring to it. */
export async function countUsers(tx: Tx, name: string): Promise<number> {
  const { users } = await tx
    .selectFrom("deployments")
    .select((eb) => eb.fn.countAll<number>().as("users"))
    .where("release", "=", name)
    .where("status", "<>", "terminated")
    .executeTakeFirstOrThrow();
  const { live } = await tx
    .selectFrom("sagas")
    .select((eb) => eb.fn.countAll<number>().as("live"))
    .where("status", "not in", endedStatuses)
    .where(sql<string>`input ->> 'release'`, "=", name)
    .executeTakeFirstOrThrow();
  return Math.max(users, live);
}
