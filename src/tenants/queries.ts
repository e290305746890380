import { type Insertable, type Selectable, sql, type Updateable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { all, equals, idBegins, holding, type Keyset, labelled, readPage, searchPage } from "#db/keyset.ts";
import type { Tenants } from "#db/schema.ts";

export type TenantRow = Selectable<Tenants>;

export interface TenantFilter {
  readonly id?: string | undefined;
  readonly id_prefix?: string | undefined;
  readonly slug?: string | undefined;
  /** All of these. */
  readonly label?: Readonly<Record<string, string>> | undefined;
  readonly q?: string | undefined;
}

export function listTenants(db: Db, filter: TenantFilter, page: Keyset): Promise<TenantRow[]> {
  const whose = sql<boolean>`deleted_at is null`;
  const every = all(whose, equals("id", filter.id), idBegins(filter.id_prefix), equals("slug", filter.slug));
  const list = { table: "tenants", at: "created_at", every } as const;
  const { q, label } = filter;
  const sought = [
    ...(q === undefined ? [] : [holding("t", q, ["slug", "name"])]),
    ...(label === undefined ? [] : [labelled("tenants", label)]),
  ];
  return sought.length === 0 ? readPage(db, list, page) : searchPage(db, list, page, whose, sought);
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
