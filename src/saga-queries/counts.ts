import { sql } from "kysely";
import type { Db } from "#db/connection.ts";

/** Whose: undefined for everybody's. */
export type Tenant = string | undefined;

/** Stands for everybody where a tenant's id stands in a table of counts. */
export const everybody = "00000000-0000-0000-0000-000000000000";

/** How many there are in each status: of deployments, or of sagas that have ended. Triggers keep this (migration 0036). */
export async function readCounts(db: Db, kind: "deployment" | "saga", tenant: Tenant): Promise<Map<string, number>> {
  const { rows } = await sql<{ status: string; count: number }>`
    select status, sum(count)::bigint as count from (
      select status, count from status_counts where kind = ${kind} and tenant_id = ${tenant ?? everybody}
      union all
      select status, change from status_changes
        where kind = ${kind} and (${tenant ?? null}::uuid is null or tenant_id = ${tenant ?? null})
    ) them group by status`.execute(db);
  return new Map(rows.map(({ status, count }) => [status, count]));
}

/** Adds the changes since then to the counts. What is read meanwhile is the same before and after. */
export async function foldCounts(db: Db): Promise<void> {
  await sql`
    with taken as (delete from status_changes returning *),
    sums as (
      select kind, ${everybody}::uuid as tenant_id, status, sum(change) as change from taken group by kind, status
      union all
      select kind, tenant_id, status, sum(change) from taken where tenant_id is not null group by kind, tenant_id, status
    )
    insert into status_counts (kind, tenant_id, status, count)
    select kind, tenant_id, status, change from sums where change <> 0
    on conflict (kind, tenant_id, status) do update set count = status_counts.count + excluded.count`.execute(db);
}
