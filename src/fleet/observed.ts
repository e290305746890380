import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "#db/connection.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { handleShape, installTag, tagsOf } from "#resources/kinds/droplet-handle.ts";
import type { Witness } from "./prove-gone.ts";
import { recordHandle } from "#resources/kinds/record-handle.ts";

const shown = z.object({
  name: z.string(),
  status: z.string(),
  region: z.string().nullable(),
  size_slug: z.string().nullable(),
  image: z.string().nullable(),
  tags: z.array(z.string()),
});

/** A change of ours that was given up on, and that shows all the same. */
const late = z.object({
  aspect: z.enum(["size", "image"]),
  goal: z.string(),
  saga_id: z.string(),
  asked_at: z.coerce.date(),
});
export type Late = Readonly<z.output<typeof late>>;

const observed = z
  .object({
    deployment_id: z.string(),
    hostname: z.string(),
    /** As it is to be. */
    power: z.enum(["on", "off"]),
    provider_id: z.int(),
    public_ipv4: z.string().nullable(),
    /** Its hostname leads to an address that outlives its droplet. */
    reserved_ip: z.boolean(),
    region: z.string().nullable(),
    /** As it was provisioned. */
    spec: z.object({ size_slug: z.string(), region: z.string(), image: z.string() }),
    handle: handleShape,
    origin: z.string(),
    begun_by: z.string(),
    is_absent: z.boolean(),
    /** As the listing shows it; null: it does not. */
    seen: shown.nullable(),
    late: late.nullable(),
  })
  .transform(({ begun_by: saga, ...row }) => ({ ...row, saga }));

/** The droplet of an active deployment, as it should be and as a listing shows it. */
export type Observed = Readonly<z.output<typeof observed>>;

/** Whose deployment nothing has changed lately: what a look that began before shows would be older than that. */
export const undisturbed = (at: Date, settleMs: number) => sql`not exists (
  select from sagas where sagas.deployment_id = deployments.id
    and (sagas.finished_at is null or sagas.finished_at >= ${new Date(at.getTime() - settleMs)}::timestamptz))`;

/** A deployment's droplet that none of ours destroyed: of several, the one that is there, or was made last. */
export const ownDroplet = sql`
  select * from cloud_resources where deployment_id = deployments.id and destroyed_by is null
  order by deleted_at desc nulls first, first_seen_at desc limit 1`;

/** The newest change of ours that was given up on, of what the droplet shows and was not provisioned with. */
const lateOf = (it: ReturnType<typeof sql>) => sql`
  select change.aspect, change.goal #>> '{}' as goal, change.saga_id, change.created_at as asked_at
  from provider_changes change
  where change.resource_id = held.id and change.phase in ('returned', 'left')
    and ((change.aspect = 'size' and change.goal = ${it} -> 'size_slug' and ${it} ->> 'size_slug' <> provisioned.size_slug)
      or (change.aspect = 'image' and change.goal = ${it} -> 'image' and ${it} ->> 'image' <> provisioned.image))
  order by change.created_at desc limit 1`;

/**
 * Of the active deployments those whose droplet a listing, begun at `at`, does not show as it should be; and those of
 * which something was found before. One statement, whatever the size of the fleet. What a listing does not tell is as it
 * should be.
 */
export async function observe(
  db: Db,
  listing: { readonly items: readonly SeenDroplet[]; readonly begunAt: Date },
  { settleMs, installId }: { readonly settleMs: number; readonly installId: string },
): Promise<Observed[]> {
  const isId = (value: ReturnType<typeof sql>) => sql`${value} ~ '^[0-9]+$'`;
  const [seenImage, image] = [sql`listed.it ->> 'image'`, sql`provisioned.image`];
  const { rows } = await sql`
    with listed as (
      select (it ->> 'id')::bigint as id, it from jsonb_array_elements(${JSON.stringify(listing.items)}::jsonb) it
    )
    select deployments.id as deployment_id, deployments.hostname, deployments.power, deployments.reserved_ip, resource.provider_id, resource.public_ipv4,
      resource.region, held.handle, held.origin, held.begun_by, absence.deployment_id is not null as is_absent,
      jsonb_build_object('size_slug', provisioned.size_slug, 'region', provisioned.region, 'image', provisioned.image)
        as spec,
      listed.it as seen, (select to_jsonb(newest) from (${lateOf(sql`listed.it`)}) newest) as late
    from deployments
    join lateral (${ownDroplet}) resource on true
    join cloud_provisioned provisioned on provisioned.resource_id = resource.id
    join provider_resources held on held.kind = 'droplet' and held.provider_id = resource.provider_id::text
      and held.phase = 'there' and not held.surplus
    left join droplet_absences absence on absence.deployment_id = deployments.id
    left join listed on listed.id = resource.provider_id
    where deployments.status = 'active' and ${undisturbed(listing.begunAt, settleMs)}
      and (listed.id is null or absence.deployment_id is not null
        or listed.it ->> 'status' = 'off'
        or listed.it ->> 'name' <> held.handle ->> 'name'
        or listed.it ->> 'size_slug' <> provisioned.size_slug
        or listed.it ->> 'region' <> provisioned.region
        or (${seenImage} <> ${image} and ((${isId(seenImage)}) = (${isId(image)}) or exists (${lateOf(sql`listed.it`)})))
        or not listed.it -> 'tags' @> case held.origin
          when 'made' then jsonb_build_array('managed-by-arcadia-cloud', ${installTag(installId)}::text, held.handle ->> 'tag')
          else jsonb_build_array(${installTag(installId)}::text) end
        or exists (select from deployment_conditions condition where condition.deployment_id = deployments.id
          and condition.cleared_at is null and condition.source = 'droplet'))
    order by deployments.id`.execute(db);
  return z.array(observed).parse(rows);
}

/** The tags that a droplet of ours carries. One that we did not make has only that of this installation. */
export const ownTags = ({ origin, saga }: Observed, installId: string): string[] =>
  origin === "made" ? tagsOf(saga, installId) : [installTag(installId)];

const pointed = z.object({
  deployment_id: z.string(),
  hostname: z.string(),
  handle: recordHandle,
  record_id: z.string(),
  droplet_id: z.int().nullable(),
  dns: z.string().nullable(),
});

/** Our record of an active deployment, as it should be. */
export type Pointed = Readonly<z.output<typeof pointed>>;

/** The records of ours in a zone that nothing has changed lately. */
export async function pointedIn(db: Db, zone: string, at: Date, settleMs: number): Promise<Pointed[]> {
  const { rows } = await sql`
    select deployments.id as deployment_id, deployments.hostname, held.handle, held.provider_id as record_id, absence.dns,
      resource.provider_id as droplet_id
    from deployments
    join provider_resources held on held.deployment_id = deployments.id and held.kind = 'dns_record'
      and held.phase = 'there' and not held.surplus
    left join droplet_absences absence on absence.deployment_id = deployments.id
    left join lateral (${ownDroplet}) resource on true
    where deployments.status = 'active' and held.handle ->> 'zone' = ${zone} and ${undisturbed(at, settleMs)}
    order by deployments.id`.execute(db);
  return z.array(pointed).parse(rows);
}

/** The droplets that this database believes to be there, by region; those that are only suspected to be gone included. */
export async function believedThere(db: Db): Promise<{ readonly id: number; readonly region: string | null }[]> {
  const { rows } = await sql<{ id: number; region: string | null }>`
    select provider_id as id, region from cloud_resources
    where deleted_at is null or exists (
      select from droplet_absences absence
      where absence.provider_id = cloud_resources.provider_id and absence.proven_at is null and absence.returned_at is null)
    order by provider_id`.execute(db);
  return rows;
}

/** What shall be there beside a droplet that is gone, the one seen last: of its region where there is one. */
export async function witnessFor(
  db: Db,
  { provider_id: id, region }: { readonly provider_id: number; readonly region: string | null },
  besides: number = id,
): Promise<Witness> {
  const { rows } = await sql<{ id: number }>`
    select provider_id as id from cloud_resources
    where deleted_at is null and provider_id not in (${id}, ${besides})
    order by region is not distinct from ${region}::text desc, last_seen_at desc, provider_id
    limit 1`.execute(db);
  return rows[0]?.id ?? "our tag";
}
