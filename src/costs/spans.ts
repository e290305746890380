import { type RawBuilder, sql } from "kysely";
import { after } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { backupsShare } from "#monthly-usd.ts";
import { volumeUsdPerGibAndHour } from "#volume.ts";
import type { Span } from "./bill.ts";
import { snapshotUsdPerGibAndHour } from "./snapshot-price.ts";

/** What is as new as this is looked at once more, although it is gone: it may have come and gone between two looks. */
const recentMs = 2 * 24 * 3_600_000;

const kinds = sql`('droplet', 'volume', 'snapshot', 'volume_snapshot')`;
const isThere = sql`row.phase in ('there', 'removing')`;

/** When a row of the ledger was over, where it is, and whether that is only as we saw it. */
const endElse = (otherwise: RawBuilder<unknown>) => sql`
  case when row.phase in ('gone', 'left', 'abandoned')
    then coalesce(row.deleted_at, (row.history -> -1 ->> 'at')::timestamptz) else ${otherwise} end as ended_at,
  row.phase <> 'gone' or row.deleted_at is null as unsure_of_end`;

/** What the saga was asked for that made it. Behind `coalesce` it is looked up only where nothing else tells; of backups nothing else does. */
const askedOfMaker = (path: string) =>
  sql`(select maker.input #>> ${sql.lit(`{${path}}`)} from sagas maker where maker.id = row.begun_by)`;

/** Whether the open span ends: what it is for is gone, or has another size or price from now on. */
const isCut = sql`(
  priced.ended_at is not null
  or (span.size_slug is not null and span.size_slug is distinct from priced.size_slug)
  or (span.usd_hourly is not null and span.usd_hourly is distinct from priced.usd_hourly))`;
/** Whether the open span goes on, and something of it has become known. */
const isToldMore = sql`(
  (span.tenant_id is null and priced.tenant_id is not null)
  or (span.deployment_id is null and priced.deployment_id is not null)
  or (span.region is null and priced.region is not null)
  or (span.size_slug is null and priced.size_slug is not null)
  or (span.usd_hourly is null and priced.usd_hourly is not null))`;

/**
 * Brings the spans in line with the ledger, the inventory and the catalogue, in one statement; again, it changes nothing.
 * A span ends with its droplet, volume or snapshot, and where size or price changed another goes on from there. Whose it is, and
 * how large a snapshot is, may become known later than that it is there. All that is there is compared with its open span,
 * once; what follows is done with those that differ.
 */
export async function followSpans(db: Db, now: Date): Promise<void> {
  const recently = sql`${after(now, -recentMs)}::timestamptz`;
  await sql`
    with looked_at as not materialized (
      select row.* from provider_resources row where row.kind in ${kinds} and ${isThere}
      union all
      select row.* from provider_resources row where row.kind in ${kinds} and not ${isThere} and row.created_at > ${recently}
      union all
      select row.* from cost_spans open join provider_resources row on row.id = open.resource_id
      where open.ended_at is null and not ${isThere} and row.created_at <= ${recently}
    ), prices as materialized (
      select slug, (data ->> 'price_hourly')::numeric as usd_hourly from catalogue where kind = 'size'
    ), droplets as not materialized (
      select row.id, row.kind, row.tenant_id, row.deployment_id, row.phase,
        coalesce(shown.region, ${askedOfMaker("region")}) as region,
        coalesce(shown.size_slug, ${askedOfMaker("size_slug")}) as size_slug,
        ${askedOfMaker("features,backups")} = 'true' as is_backed_up,
        case when row.origin = 'adopted' then row.created_at
          else coalesce(shown.provider_created_at, row.answered_at, row.created_at) end as begun_at,
        ${endElse(sql`shown.deleted_at`)}
      from looked_at row
        left join cloud_resources shown on shown.provider_id = row.provider_id::bigint
      where row.kind = 'droplet' and row.provider_id is not null and row.origin in ('made', 'adopted')
    ), priced as not materialized (
      select droplets.*,
        prices.usd_hourly * case when is_backed_up then ${1 + backupsShare}::numeric else 1 end as usd_hourly
      from droplets left join prices on prices.slug = droplets.size_slug
      union all
      select row.id, row.kind, row.tenant_id, row.deployment_id, row.phase, row.handle ->> 'region' as region,
        (deployment.volume ->> 'size_gib') || ' GiB' as size_slug, false as is_backed_up,
        coalesce(row.answered_at, row.created_at) as begun_at,
        ${endElse(sql`null`)},
        (deployment.volume ->> 'size_gib')::numeric * ${volumeUsdPerGibAndHour}::numeric as usd_hourly
      from looked_at row
        join deployments deployment on deployment.id = row.deployment_id
      where row.kind = 'volume' and row.provider_id is not null
      union all
      select row.id, row.kind, row.tenant_id, row.deployment_id, row.phase, taken.region, null::text as size_slug, false as is_backed_up,
        coalesce(row.answered_at, row.created_at) as begun_at,
        ${endElse(sql`null`)},
        taken.size_gib * ${snapshotUsdPerGibAndHour}::numeric as usd_hourly
      from looked_at row
        left join snapshots taken on taken.id = row.id
      where row.kind in ('snapshot', 'volume_snapshot') and row.provider_id is not null
    ), differing as materialized (
      select priced.*, span.id as span_id, span.id is not null and ${isCut} as is_cut
      from priced left join cost_spans span on span.resource_id = priced.id and span.ended_at is null
      where case when span.id is null
        then not exists (select from cost_spans former where former.resource_id = priced.id)
        else ${isCut} or ${isToldMore} end
    ), closed as (
      update cost_spans span set
        ended_at = greatest(span.begun_at, coalesce(priced.ended_at, ${now}::timestamptz)),
        estimated = span.estimated or priced.ended_at is null or priced.unsure_of_end
      from differing priced
      where span.id = priced.span_id and span.ended_at is null and priced.is_cut
      returning span.resource_id, span.ended_at
    ), told as (
      update cost_spans span set
        tenant_id = coalesce(span.tenant_id, priced.tenant_id),
        deployment_id = coalesce(span.deployment_id, priced.deployment_id),
        region = coalesce(span.region, priced.region), size_slug = coalesce(span.size_slug, priced.size_slug),
        usd_hourly = coalesce(span.usd_hourly, priced.usd_hourly)
      from differing priced
      where span.id = priced.span_id and span.ended_at is null and not priced.is_cut
    )
    insert into cost_spans
      (resource_id, kind, tenant_id, deployment_id, region, size_slug, usd_hourly, begun_at, ended_at, estimated)
    select priced.id, kind, tenant_id, deployment_id, region, size_slug, usd_hourly,
      coalesce(closed.ended_at, priced.begun_at), priced.ended_at,
      closed.ended_at is not null or (priced.ended_at is not null and priced.unsure_of_end)
        -- Each backup is billed once it has succeeded, and not by the second.
        or coalesce(is_backed_up, false)
    from differing priced left join closed on closed.resource_id = priced.id
    where priced.span_id is null or (closed.resource_id is not null and priced.ended_at is null)
    -- All are known before the first is written: else each that is looked up has those before it read through.
    order by priced.id
    on conflict (resource_id) where ended_at is null do nothing
  `.execute(db);
}

/** The spans that overlap this time, of one tenant or of all, each with whom and what it is for. */
export async function listSpans(
  db: Db,
  { from, to, tenantId }: { readonly from: Date; readonly to: Date; readonly tenantId: string | null },
): Promise<Span[]> {
  let query = db
    .selectFrom("cost_spans")
    .select(["resource_id", "kind", "tenant_id", "deployment_id", "region", "begun_at", "ended_at", "estimated"])
    .select(sql<number | null>`usd_hourly::float8`.as("usd_hourly"))
    .where("begun_at", "<", to)
    .where((where) => where.or([where("ended_at", "is", null), where("ended_at", ">", from)]));
  if (tenantId !== null) query = query.where("tenant_id", "=", tenantId);
  return query.orderBy("resource_id").orderBy("begun_at").execute();
}
