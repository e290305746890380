import { type Insertable, type Selectable, sql, type Updateable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { containing, hasLabels, isOlder, type Keyset } from "#db/keyset.ts";
import type { Tenants } from "#db/schema.ts";

export type TenantRow = Selectable<Tenants>;

export interface TenantFilter {
  readonly id?: string | undefined;
  readonly slug?: string | undefined;
  /** All of these. */
  readonly label?: Readonly<Record<string, string>> | undefined;
  readonly q?: string | undefined;
}

export function listTenants(db: Db, filter: TenantFilter, page: Keyset): Promise<TenantRow[]> {
  let query = db
    .selectFrom("tenants")
    .selectAll()
    .where("deleted_at", "is", null)
    .where(isOlder("created_at", "id", page.after));
  if (filter.id !== undefined) query = query.where("id", "=", filter.id);
  if (filter.slug !== undefined) query = query.where("slug", "=", filter.slug);
  if (filter.label) query = query.where(hasLabels(filter.label));
  if (filter.q !== undefined) {
    const pattern = containing(filter.q);
    query = query.where((eb) => eb.or([eb("slug", "ilike", pattern), eb("name", "ilike", pattern)]));
  }
  return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(page.limit).execute();
}

export const findTenant = (db: Db | Tx, id: string): Promise<TenantRow | undefined> =>
  db.selectFrom("tenants").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();

/** The tenant, kept from being changed or deleted until the transaction ends, and whoever else holds it too. */
export const holdTenant = (tx: Tx, id: string): Promise<TenantRow | undefined> =>
  tx
    .selectFrom("tenants")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .forNoKeyUpdate()
    .executeTakeFirst();

/** Whether a tenant other than `tenantId` has one of these patterns, as they are written. */
export async function patternHeldByAnother(
  tx: Tx,
  patterns: readonly string[],
  tenantId: string | null,
): Promise<boolean> {
  let query = tx
    .selectFrom("tenants")
    .select("id")
    .where("deleted_at", "is", null)
    .where("hostnames", "&&", sql<string[]>`${patterns}::text[]`)
    .limit(1);
  if (tenantId !== null) query = query.where("id", "<>", tenantId);
  return (await query.executeTakeFirst()) !== undefined;
}

export const insertTenant = (tx: Tx, tenant: Insertable<Tenants>): Promise<TenantRow> =>
  tx.insertInto("tenants").values(tenant).returningAll().executeTakeFirstOrThrow();

export const updateTenant = (
  tx: Tx,
  id: string,
  change: Updateable<Pick<Tenants, "name" | "hostnames" | "labels" | "quota">>,
  now: Date,
): Promise<TenantRow | undefined> =>
  tx
    .updateTable("tenants")
    .set({ ...change, updated_at: now })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .returningAll()
    .executeTakeFirst();

/** Locks the tenant against new deployments. */
export const lockTenant = (tx: Tx, id: string): Promise<TenantRow | undefined> =>
  tx
    .selectFrom("tenants")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .forUpdate()
    .executeTakeFirst();

export async function markTenantDeleted(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.updateTable("tenants").set({ deleted_at: now, updated_at: now }).where("id", "=", id).execute();
}

/** The slugs of these tenants, deleted ones too. */
export async function slugsOf(db: Db | Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("tenants").select(["id", "slug"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, slug }) => [id, slug]));
}
