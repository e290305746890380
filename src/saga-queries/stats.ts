import { sql } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { everybody, readCounts, type Tenant } from "./counts.ts";

export interface DayRow {
  /** As `2026-11-22`, UTC. */
  readonly day: string;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly median_seconds: number | null;
  readonly p95_seconds: number | null;
}

/** How many deployments there are, by status. */
export const countDeployments = (db: Db, tenant: Tenant): Promise<Map<string, number>> =>
  readCounts(db, "deployment", tenant);

export async function countStuckDeployments(db: Db, tenant: Tenant): Promise<number> {
  let query = db
    .selectFrom("sagas")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("finished_at", "is", null)
    .where("status", "=", "stuck")
    .where("deployment_id", "is not", null);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

/** How many sagas there are, by status. */
export async function countSagas(db: Db, tenant: Tenant): Promise<Map<string, number>> {
  let query = db
    .selectFrom("sagas")
    .select((eb) => ["status", eb.fn.countAll<number>().as("count")])
    .where("finished_at", "is", null);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  const live = await query.groupBy("status").execute();
  const ended = await readCounts(db, "saga", tenant);
  return new Map([...ended, ...live.map(({ status, count }): [string, number] => [status, count])]);
}

/**
 * The days since `from` on which a provisioning that has ended began, oldest first. Days of the past stand in a table;
 * those of which a saga has ended since that was brought up to date are counted as they are.
 */
export async function provisioningByDay(db: Db, from: Date, tenant: Tenant): Promise<DayRow[]> {
  const until = await rolledUpUntil(db);
  const whose = tenant === undefined ? sql`true` : sql`tenant_id = ${tenant}`;
  const open = await openDays(db, until, from, tenant);
  const days: DayRow[] = await db
    .selectFrom("provisioning_days")
    .select([sql<string>`to_char(day, 'YYYY-MM-DD')`.as("day"), ...figures])
    .where("tenant_id", "=", tenant ?? everybody)
    .where(sql<boolean>`day >= ${from.toISOString().slice(0, 10)}::date`)
    .where(sql<boolean>`day <> all (${open}::date[])`)
    .execute();
  for (const day of open) {
    const { rows } = await sql<DayRow>`
      select ${day}::text as day, ${counted} from sagas where ${isOf(day)} and ${whose} having count(*) > 0`.execute(
      db,
    );
    days.push(...rows);
  }
  return days.toSorted((one, other) => (one.day < other.day ? -1 : 1));
}

const figures = ["completed", "failed", "cancelled", "median_seconds", "p95_seconds"] as const;

const rollUp = "provisioning_days";

async function rolledUpUntil(db: Db | Tx): Promise<Date> {
  const row = await db.selectFrom("rolled_up").select("until").where("name", "=", rollUp).executeTakeFirst();
  return row?.until ?? new Date(0);
}

/** The days since `from`, as `2026-11-22`, of which a provisioning has ended after `until`. */
async function openDays(db: Db | Tx, until: Date, from: Date, tenant?: Tenant): Promise<string[]> {
  let query = db
    .selectFrom("sagas")
    .select(sql<string>`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`.as("day"))
    .distinct()
    .where("finished_at", ">", until)
    .where("name", "=", "provision_deployment")
    .where("created_at", ">=", from);
  if (tenant !== undefined) query = query.where("tenant_id", "=", tenant);
  return (await query.execute()).map(({ day }) => day);
}

const isOf = (day: string) => sql`
  created_at >= ${day}::timestamp at time zone 'UTC' and created_at < (${day}::timestamp + interval '1 day') at time zone 'UTC'
  and name = 'provision_deployment' and finished_at is not null`;

const percentile = (share: number) => sql`percentile_cont(${sql.lit(share)})
  within group (order by extract(epoch from finished_at - created_at)) filter (where status = 'completed')`;

const counted = sql`
  (count(*) filter (where status = 'completed'))::integer as completed,
  (count(*) filter (where status = 'rolled_back' and cancel_requested_at is null))::integer as failed,
  (count(*) filter (where status = 'rolled_back' and cancel_requested_at is not null))::integer as cancelled,
  ${percentile(0.5)} as median_seconds, ${percentile(0.95)} as p95_seconds`;

/** Clocks differ, and a transaction shows when it commits: what ended shortly before is counted once more. */
const overlapMs = 3_600_000;

/**
 * Counts the days anew of which a provisioning has ended since this was done last, of everybody and of each tenant.
 * Days before `from` stay as they are: of what began then, some may be gone.
 */
export async function rollUpDays(db: Db, now: Date, from: Date): Promise<void> {
  const until = await rolledUpUntil(db);
  const days = await openDays(db, after(until, -overlapMs), from);
  if (days.length === 0) return;
  for (const day of days)
    await sql`
      insert into provisioning_days (tenant_id, day, ${sql.join(figures.map((it) => sql.ref(it)))})
      select coalesce(tenant_id, ${everybody}), ${day}::date, ${counted} from sagas where ${isOf(day)}
      group by grouping sets ((), (tenant_id)) having tenant_id is not null or grouping(tenant_id) = 1
      on conflict (tenant_id, day) do update
        set ${sql.join(figures.map((it) => sql`${sql.ref(it)} = ${sql.ref(`excluded.${it}`)}`))}`.execute(db);
  await db
    .insertInto("rolled_up")
    .values({ name: rollUp, until: now })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ until: now }))
    .execute();
}
