import type { Selectable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { containing, isOlder, type Keyset } from "#db/keyset.ts";
import type { CloudResources, Strays } from "#db/schema.ts";

export type ResourceRow = Selectable<CloudResources>;
export type StrayRow = Selectable<Strays>;

export interface ResourceFilter {
  readonly provider_id?: number | undefined;
  readonly managed?: boolean | undefined;
  /** Without it, those that are there. */
  readonly deleted?: "true" | "false" | "any" | undefined;
  readonly status?: string | undefined;
  readonly region?: string | undefined;
  readonly deployment_id?: string | undefined;
  readonly tenant_id?: string | undefined;
  readonly q?: string | undefined;
}

export function listResources(db: Db, filter: ResourceFilter, page: Keyset): Promise<ResourceRow[]> {
  let query = db
    .selectFrom("cloud_resources")
    .selectAll()
    .where(isOlder("first_seen_at", "id", page.after));
  if (filter.deleted !== "any") query = query.where("deleted_at", filter.deleted === "true" ? "is not" : "is", null);
  if (filter.provider_id !== undefined) query = query.where("provider_id", "=", filter.provider_id);
  if (filter.managed !== undefined) query = query.where("managed", "=", filter.managed);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.region !== undefined) query = query.where("region", "=", filter.region);
  if (filter.deployment_id !== undefined) query = query.where("deployment_id", "=", filter.deployment_id);
  if (filter.tenant_id !== undefined) query = query.where("tenant_id", "=", filter.tenant_id);
  if (filter.q !== undefined) {
    const pattern = containing(filter.q);
    query = query.where((eb) => eb.or([eb("name", "ilike", pattern), eb("public_ipv4", "ilike", pattern)]));
  }
  return query.orderBy("first_seen_at", "desc").orderBy("id", "desc").limit(page.limit).execute();
}

/** The droplet of each deployment that has one, by the deployment's id: the one that is there before deleted ones. */
export async function resourcesOf(db: Db | Tx, deploymentIds: readonly string[]): Promise<Map<string, ResourceRow>> {
  if (deploymentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("cloud_resources")
    .selectAll()
    .distinctOn("deployment_id")
    .where("deployment_id", "in", deploymentIds)
    .orderBy("deployment_id")
    .orderBy("deleted_at", (order) => order.desc().nullsFirst())
    .orderBy("first_seen_at", "desc")
    .execute();
  return new Map(rows.flatMap((row) => (row.deployment_id ? [[row.deployment_id, row]] : [])));
}

/** The droplet's row, locked until the transaction ends. */
export const lockResource = (tx: Tx, providerId: number): Promise<ResourceRow | undefined> =>
  tx.selectFrom("cloud_resources").selectAll().where("provider_id", "=", providerId).forUpdate().executeTakeFirst();

/** What carries our install tag and nobody owns. A stray has no id of its own: its droplet's id orders it. */
export function listStrays(db: Db, page: Keyset): Promise<StrayRow[]> {
  let query = db.selectFrom("strays").selectAll().where("gone_at", "is", null);
  const { after } = page;
  if (after)
    query = query.where((eb) =>
      eb.or([
        eb("first_seen_at", "<", after.at),
        eb.and([eb("first_seen_at", "=", after.at), eb("provider_id", "<", Number(after.id))]),
      ]),
    );
  return query.orderBy("first_seen_at", "desc").orderBy("provider_id", "desc").limit(page.limit).execute();
}
