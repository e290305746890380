import { sql } from "kysely";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";

const hourMs = 3_600_000;
/** So many may always be destroyed in an hour, however small the fleet. */
const fewest = 10;

/**
 * Counts a destroy that is about to begin (rule 44): for the tenant to which whoever asks is bound, which holds nobody
 * else's; else with all that anybody has begun. The row that counts is locked until the caller's transaction ends: of two
 * that begin at once, the second sees the first.
 * @param perHour undefined: the larger of 10 and a tenth of the fleet, or of the tenant's, as it was an hour ago
 * @param tenantId null: whoever asks is bound to no tenant
 * @returns whether it is one too many, to be held; one that is held is not counted
 */
export async function isOneTooMany(
  tx: Tx,
  perHour: number | undefined,
  { tenantId, now }: { readonly tenantId: string | null; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql<{ begun_at: Date[] }>`
    insert into destroys (tenant_id, begun_at) values (${tenantId}, '{}')
    on conflict (tenant_id) do update set begun_at = destroys.begun_at returning begun_at`.execute(tx);
  const isRecent = (at: Date): boolean => at > after(now, -hourMs);
  const recent = (rows[0]?.begun_at ?? []).filter(isRecent);
  const counted = recent.length + (tenantId === null ? (await begunByTenants(tx)).filter(isRecent).length : 0);
  if (counted >= (perHour ?? (await defaultFor(tx, counted, tenantId)))) return true;
  const begun = [...recent, now].map((at) => at.toISOString());
  await sql`
    update destroys set begun_at = ${begun}::timestamptz[] where tenant_id is not distinct from ${tenantId}`.execute(
    tx,
  );
  return false;
}

/**
 * Tells webhooks that a destroy is held where nothing else is that it concerns: those of no tenant, and where it was counted for a
 * tenant, that one's. Those that follow are told as sagas.
 */
export async function tellTripped(tx: Tx, sagaId: string, tenantId: string | null): Promise<void> {
  await sql`
    insert into webhook_messages (type, object_id, tenant_id, data)
    select 'breaker.tripped', id, ${tenantId}::uuid, jsonb_build_object('saga_id', id, 'name', name,
      'deployment_id', deployment_id, 'tenant_id', tenant_id, 'provider_id', provider_id)
    from sagas
    where id = ${sagaId} and exists (select from webhooks where disabled_at is null)
      and not exists (
        select from sagas other where other.finished_at is null and other.status = 'held' and other.id <> ${sagaId}
          and (${tenantId}::uuid is null or other.tenant_id = ${tenantId}))`.execute(tx);
}

async function begunByTenants(tx: Tx): Promise<Date[]> {
  const rows = await tx.selectFrom("destroys").select("begun_at").where("tenant_id", "is not", null).execute();
  return rows.flatMap(({ begun_at: begun }) => begun);
}

async function defaultFor(tx: Tx, destroyed: number, tenantId: string | null): Promise<number> {
  let fleet = tx
    .selectFrom("deployments")
    .select((eb) => eb.fn.countAll<number>().as("active"))
    .where("status", "=", "active");
  if (tenantId !== null) fleet = fleet.where("tenant_id", "=", tenantId);
  const { active } = await fleet.executeTakeFirstOrThrow();
  return Math.max(fewest, Math.floor((active + destroyed) / 10));
}
