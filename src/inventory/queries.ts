import { type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { all, equals, holding, type Keyset, readPage, searchPage } from "#db/keyset.ts";
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
  const whose = all(isDeleted[filter.deleted ?? "false"], equals("tenant_id", filter.tenant_id));
  const every = all(
    whose,
    equals("provider_id", filter.provider_id),
    equals("managed", filter.managed),
    equals("status", filter.status),
    equals("region", filter.region),
    equals("deployment_id", filter.deployment_id),
  );
  const list = { table: "cloud_resources", at: "first_seen_at", every } as const;
  if (filter.q === undefined) return readPage(db, list, page);
  return searchPage(db, list, page, whose, [holding("r", filter.q, ["name", "public_ipv4"])]);
}

const isDeleted = {
  true: sql<boolean>`deleted_at is not null`,
  false: sql<boolean>`deleted_at is null`,
  any: undefined,
};

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

/** How many of ours there are whose id is this or higher: as many as a listing shows from it on. */
export async function countFrom(db: Db | Tx, providerId: number): Promise<number> {
  const { count } = await db
    .selectFrom("cloud_resources")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("provider_id", ">=", providerId)
    .where("managed", "=", true)
    .where("deleted_at", "is", null)
    .executeTakeFirstOrThrow();
  return count;
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
