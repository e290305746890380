import { sql } from "kysely";
import { z } from "zod";
import type { Db, Tx } from "#db/connection.ts";

const seen = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  region: z.string().nullable(),
  size_slug: z.string().nullable(),
  image: z.string().nullable(),
  /** GB. One that an earlier release saw does not tell. */
  disk: z.int().nullable().default(null),
  public_ipv4: z.string().nullable(),
  tags: z.array(z.string()).readonly(),
  /** One that an earlier release saw does not tell. */
  volume_ids: z.array(z.string()).readonly().default([]),
  created_at: z.coerce.date().nullable(),
});

/** A droplet as the provider showed it. */
export type SeenDroplet = Readonly<z.output<typeof seen>>;

export interface Sighting {
  readonly droplet: SeenDroplet;
  /** When the request that saw it began. */
  readonly observedAt: Date;
}

/** Records what a request that began at `observedAt` saw; a newer observation is never overwritten (rule 24). */
export async function recordSightings(tx: Db | Tx, droplets: readonly SeenDroplet[], observedAt: Date): Promise<void> {
  if (droplets.length === 0) return;
  const rows = JSON.stringify(droplets);
  await sql`
    insert into sightings (provider_id, droplet, observed_at)
    select (droplet ->> 'id')::bigint, droplet, ${observedAt}::timestamptz
    from jsonb_array_elements(${rows}::jsonb) droplet order by 1
    on conflict (provider_id) do update set droplet = excluded.droplet, observed_at = excluded.observed_at
    where sightings.observed_at < excluded.observed_at
  `.execute(tx);
}

export async function sightingOf(db: Db | Tx, providerId: number): Promise<Sighting | undefined> {
  const row = await db.selectFrom("sightings").selectAll().where("provider_id", "=", providerId).executeTakeFirst();
  return row && { droplet: seen.parse(row.droplet), observedAt: row.observed_at };
}

/** The ids of droplets that sagas wait for and that are settled: active with an address, or in a state that is none of a start. */
export async function settledAmong(db: Db | Tx, providerIds: readonly number[]): Promise<number[]> {
  if (providerIds.length === 0) return [];
  const rows = await db
    .selectFrom("sightings")
    .select("provider_id")
    .where("provider_id", "in", [...providerIds])
    .where(
      sql<boolean>`(droplet ->> 'status' = 'active' and droplet ->> 'public_ipv4' is not null)
        or droplet ->> 'status' not in ('new', 'off', 'active', 'unknown')`,
    )
    .execute();
  return rows.map((row) => row.provider_id);
}

export async function purgeSightings(db: Db, before: Date): Promise<void> {
  await db.deleteFrom("sightings").where("observed_at", "<", before).execute();
}
