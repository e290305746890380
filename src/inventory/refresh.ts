import { endedStatuses } from "#saga-ended.ts";
import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { SeenDroplet } from "./sightings.ts";

/**
 * Updates the rows of droplets that a listing showed. What we destroyed stays deleted, newer observations stay (rule 24);
 * what had only vanished from earlier listings is back. A listing that does not tell where a droplet is, how large, or
 * under which address, takes nothing away from what is known.
 */
export async function refresh(tx: Db | Tx, droplets: readonly SeenDroplet[], begunAt: Date): Promise<void> {
  if (droplets.length === 0) return;
  await sql`
    update cloud_resources row set
      name = it ->> 'name', status = it ->> 'status', image = coalesce(it ->> 'image', row.image),
      region = coalesce(it ->> 'region', row.region), size_slug = coalesce(it ->> 'size_slug', row.size_slug),
      public_ipv4 = coalesce(it ->> 'public_ipv4', row.public_ipv4), last_seen_at = ${begunAt}::timestamptz,
      tags = array(select jsonb_array_elements_text(it -> 'tags')), deleted_at = null
    from (
      select it from jsonb_array_elements(${JSON.stringify(droplets)}::jsonb) it order by (it ->> 'id')::bigint
    ) listed
    where row.provider_id = (it ->> 'id')::bigint
      -- So that PostgreSQL knows how few they are, and does not read all of the inventory for them.
      and row.provider_id = any(${droplets.map(({ id }) => id)}::bigint[])
      and row.last_seen_at < ${begunAt}::timestamptz
      and (row.deleted_at is null or (row.destroyed_by is null and row.deleted_at < ${begunAt}::timestamptz))
  `.execute(tx);
}

/** Adds rows for droplets that no row knows, ours or not; what a row, even a deleted one, knows is left alone. */
export async function addUnknown(
  tx: Db | Tx,
  droplets: readonly (SeenDroplet & { readonly rowId: string; readonly managed: boolean })[],
  begunAt: Date,
): Promise<void> {
  if (droplets.length === 0) return;
  await sql`
    insert into cloud_resources (id, provider_id, name, status, region, size_slug, image, public_ipv4, tags, managed,
      provider_created_at, first_seen_at, last_seen_at)
    select (it ->> 'rowId')::uuid, (it ->> 'id')::bigint, it ->> 'name', it ->> 'status', it ->> 'region',
      it ->> 'size_slug', it ->> 'image', it ->> 'public_ipv4', array(select jsonb_array_elements_text(it -> 'tags')),
      (it ->> 'managed')::boolean, (it ->> 'created_at')::timestamptz, ${begunAt}::timestamptz, ${begunAt}::timestamptz
    from jsonb_array_elements(${JSON.stringify(droplets)}::jsonb) it order by 2
    on conflict (provider_id) do nothing
  `.execute(tx);
}

export interface MissingRow {
  readonly provider_id: number;
  readonly deployment_id: string | null;
}

/** Rows last seen before `seenBefore` that no listing showed since, and that no live saga is about. */
export async function missing(db: Db, seenBefore: Date): Promise<MissingRow[]> {
  return db
    .selectFrom("cloud_resources as row")
    .select(["provider_id", "deployment_id"])
    .where("deleted_at", "is", null)
    .where("last_seen_at", "<", seenBefore)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("sagas")
            .select("sagas.id")
            .where("sagas.status", "not in", endedStatuses)
            .where((own) =>
              own.or([
                own("sagas.provider_id", "=", own.ref("row.provider_id")),
                own("sagas.deployment_id", "=", own.ref("row.deployment_id")),
                own("sagas.id", "=", own.ref("row.registered_by")),
              ]),
            ),
        ),
      ),
    )
    .orderBy("provider_id")
    .execute();
}
