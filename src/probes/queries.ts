import { type Selectable, sql } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { DeploymentHealth } from "#db/schema.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { endedStatuses } from "#saga-ended.ts";
import type { Health } from "./verdict.ts";

export type HealthRow = Selectable<DeploymentHealth>;

/** Between two questions to a deployment that is active, in milliseconds. */
export const roundMs = 60_000;

/** One that is due, taken for this worker. */
export interface Due extends HealthRow {
  readonly tenant_id: string;
  readonly hostname: string;
  /** Of the droplet that serves it; null: it has none, or not this one, and is asked no more. */
  readonly address: string | null;
  /** Where its hostname leads instead; null: to its droplet's own. */
  readonly reserved: string | null;
  /** As the provider last told it. */
  readonly droplet_status: string | null;
  /** Null: none is wanted any more. */
  readonly check: unknown;
}

/** One that is suspended, or that a saga is at work on, is not asked: its silence is no news, and its saga asks for itself. */
const isToAnswer = sql`d.power = 'on' and not exists (
  select from sagas s where s.deployment_id = d.id and s.status not in (${sql.join(endedStatuses)}))`;

/** Begins to ask those active deployments that have a check and are asked by nobody, each at its own moment of the round. */
export async function beginProbes(db: Db, now: Date): Promise<void> {
  await sql`
    insert into deployment_health (deployment_id, provider_id, since, next_probe_at)
    select d.id, r.provider_id, ${now}, ${now}::timestamptz + mod(abs(hashtext(d.id::text)), ${roundMs}) * interval '1 ms'
    from deployments d
    join cloud_resources r on r.deployment_id = d.id and r.deleted_at is null
    left join releases l on l.name = d.release
    where d.status = 'active' and coalesce(d.health_check, l.health_check) is not null and ${isToAnswer}
      and not exists (
        select from deployment_health h
        where h.deployment_id = d.id and h.provider_id = r.provider_id and h.next_probe_at is not null)
    on conflict (deployment_id, provider_id) do update set next_probe_at = excluded.next_probe_at`.execute(db);
}

/** Takes up to `most` that are due: nobody else asks them before `leaseMs` have passed, or their verdict is written. */
export async function takeDue(
  db: Db,
  { now, most, leaseMs }: { readonly now: Date; readonly most: number; readonly leaseMs: number },
): Promise<Due[]> {
  const { rows } = await sql<Due>`
    with taken as (
      update deployment_health set
        leased_until = ${after(now, leaseMs)},
        -- What is behind by a round or more is not asked the more often for it.
        next_probe_at = case when next_probe_at > ${after(now, -roundMs)}
          then next_probe_at + ${roundMs} * interval '1 ms' else ${after(now, roundMs)} end
      where (deployment_id, provider_id) in (
        select deployment_id, provider_id from deployment_health
        where next_probe_at <= ${now} and (leased_until is null or leased_until <= ${now})
        order by next_probe_at limit ${most} for update skip locked)
      returning *
    )
    select taken.*, d.tenant_id, d.hostname, r.public_ipv4 as address, r.status as droplet_status,
      -- Given back while its droplet is asked: then it is asked no more.
      held.provider_id as reserved,
      case when d.status = 'active' and ${isToAnswer} then coalesce(d.health_check, l.health_check) end as "check"
    from taken
    join deployments d on d.id = taken.deployment_id
    left join releases l on l.name = d.release
    left join provider_resources held on held.deployment_id = d.id and held.kind = ${reservedIpKind}
      and held.phase = 'there' and not held.surplus
    left join cloud_resources r
      on r.provider_id = taken.provider_id and r.deployment_id = d.id and r.deleted_at is null`.execute(db);
  return rows;
}

/** When the next one is due; undefined: nobody is asked. */
export async function nextDue(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom("deployment_health")
    .select((eb) => eb.fn.min("next_probe_at").as("at"))
    .executeTakeFirst();
  return row?.at ?? undefined;
}

type Key = Pick<HealthRow, "deployment_id" | "provider_id">;

/** Writes what was learnt, of many at once: a round costs a few statements. */
export async function writeHealths(
  db: Db,
  learnt: readonly { readonly key: Key; readonly health: Health }[],
  now: Date,
): Promise<void> {
  if (learnt.length === 0) return;
  const values = sql.join(
    learnt.map(
      ({ key, health: { state, since, reason, successes, failures } }) =>
        sql`(${key.deployment_id}::uuid, ${key.provider_id}::bigint, ${state}, ${since}::timestamptz, ${reason},
          ${successes}::integer, ${failures}::integer)`,
    ),
  );
  await sql`
    update deployment_health h set state = v.state, since = v.since, reason = v.reason, successes = v.successes,
      failures = v.failures, probed_at = ${now}, leased_until = null
    from (values ${values}) as v (deployment_id, provider_id, state, since, reason, successes, failures)
    where h.deployment_id = v.deployment_id and h.provider_id = v.provider_id`.execute(db);
}

const columnsOf = ({ state, since, reason, successes, failures }: Health) => ({
  state,
  since,
  reason,
  successes,
  failures,
});

/** What a saga learnt of a droplet that does not serve yet. */
export async function noteHealth(tx: Tx, key: Key, health: Health, now: Date): Promise<void> {
  const row = { ...columnsOf(health), probed_at: now };
  await tx
    .insertInto("deployment_health")
    .values({ ...key, ...row })
    .onConflict((conflict) => conflict.columns(["deployment_id", "provider_id"]).doUpdateSet(row))
    .execute();
}

export const healthOf = (db: Db | Tx, key: Key): Promise<HealthRow | undefined> =>
  db
    .selectFrom("deployment_health")
    .selectAll()
    .where("deployment_id", "=", key.deployment_id)
    .where("provider_id", "=", key.provider_id)
    .executeTakeFirst();

/** Nobody asks this droplet any more. */
export async function forgetHealth(db: Db | Tx, key: Key): Promise<void> {
  await db
    .deleteFrom("deployment_health")
    .where("deployment_id", "=", key.deployment_id)
    .where("provider_id", "=", key.provider_id)
    .execute();
}

/** What is known of these deployments, each by the droplet that serves it. */
export async function healthsOf(
  db: Db | Tx,
  deploymentIds: readonly string[],
): Promise<ReadonlyMap<string, HealthRow>> {
  if (deploymentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("deployment_health")
    .innerJoin("cloud_resources", (join) =>
      join
        .onRef("cloud_resources.provider_id", "=", "deployment_health.provider_id")
        .onRef("cloud_resources.deployment_id", "=", "deployment_health.deployment_id"),
    )
    .selectAll("deployment_health")
    .where("deployment_health.deployment_id", "in", deploymentIds)
    .where("cloud_resources.deleted_at", "is", null)
    .execute();
  return new Map(rows.map((row) => [row.deployment_id, row]));
}

/** The deployments that fail their health check, by the droplet that serves them. */
export async function unhealthyNow(
  db: Db,
): Promise<{ readonly deployment_id: string; readonly hostname: string; readonly reason: string | null }[]> {
  const { rows } = await sql<{ deployment_id: string; hostname: string; reason: string | null }>`
    select h.deployment_id, d.hostname, h.reason
    from deployment_health h
    join deployments d on d.id = h.deployment_id and d.status = 'active'
    where h.state = 'unhealthy' and (
      exists (select from cloud_resources r
        where r.provider_id = h.provider_id and r.deployment_id = d.id and r.deleted_at is null)
      or exists (select from sagas
        where sagas.deployment_id = d.id and sagas.finished_at is null and sagas.position >= sagas.pivot))
    order by h.deployment_id`.execute(db);
  return rows;
}
