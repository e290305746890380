import { sql } from "kysely";
import type { Db } from "#db/connection.ts";

/** Whose: undefined for everybody's. */
type Tenant = string | undefined;

export interface DayRow {
  /** As `2026-11-22`, UTC. */
  readonly day: string;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly median_seconds: number | null;
  readonly p95_seconds: number | null;
}

export async function countDeployments(db: Db, tenant: Tenant): Promise<Map<string, number>> {
  let query = db.selectFrom("deployments").select((eb) => ["status", eb.fn.countAll<number>().as("count")]);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  const rows = await query.groupBy("status").execute();
  return new Map(rows.map(({ status, count }) => [status, Number(count)]));
}

export async function countStuckDeployments(db: Db, tenant: Tenant): Promise<number> {
  let query = db
    .selectFrom("sagas")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("status", "=", "stuck")
    .where("deployment_id", "is not", null);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

export async function countSagas(db: Db, tenant: Tenant): Promise<Map<string, number>> {
  let query = db.selectFrom("sagas").select((eb) => ["status", eb.fn.countAll<number>().as("count")]);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  const rows = await query.groupBy("status").execute();
  return new Map(rows.map(({ status, count }) => [status, Number(count)]));
}

/** The days since `from` on which a provisioning that has ended began, oldest first. */
export async function provisioningByDay(db: Db, from: Date, tenant: Tenant): Promise<DayRow[]> {
  const seconds = sql`extract(epoch from finished_at - created_at)`;
  const percentile = (share: number) =>
    sql<number | null>`percentile_cont(${sql.lit(share)}) within group (order by ${seconds})
      filter (where status = 'completed')`;
  const ended = (condition: ReturnType<typeof sql>) => sql<number>`(count(*) filter (where ${condition}))::integer`;
  const day = sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`;
  let query = db
    .selectFrom("sagas")
    .select([
      day.as("day"),
      ended(sql`status = 'completed'`).as("completed"),
      ended(sql`status = 'rolled_back' and cancel_requested_at is null`).as("failed"),
      ended(sql`status = 'rolled_back' and cancel_requested_at is not null`).as("cancelled"),
      percentile(0.5).as("median_seconds"),
      percentile(0.95).as("p95_seconds"),
    ])
    .where("created_at", ">=", from)
    .where("name", "=", "provision_deployment")
    .where("finished_at", "is not", null);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  return query.groupBy(day).orderBy(day).execute();
}
