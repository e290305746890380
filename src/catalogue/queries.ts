import type { Selectable } from "kysely";
import { type RawBuilder, sql } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Catalogue, RequestBudget } from "#db/schema.ts";

export type CatalogueRow = Selectable<Catalogue>;

/** Images that a tenant may name though they are not public: its own snapshots, and those of releases, which are for all. */
const allowedImages = (tenantId: string) => sql`(
  select held.provider_id from snapshots join provider_resources held on held.id = snapshots.id
  where snapshots.tenant_id = ${tenantId} and snapshots.kind = 'snapshot' and held.phase = 'there'
  union all select image from releases
)`;

/**
 * What there is for whoever asks with one tenant's token; null: all that the account has. An image without a slug whose
 * entry does not say that it is public is private: the disk of somebody's droplet, as it may be.
 */
const thereFor = (tenantId: string | null): RawBuilder<boolean> =>
  tenantId === null
    ? sql<boolean>`true`
    : sql<boolean>`(
        kind <> 'image' or coalesce((data ->> 'public')::boolean, slug !~ '^[0-9]+$')
        or data ->> 'id' in ${allowedImages(tenantId)}
      )`;

export const listCatalogue = (db: Db, tenantId: string | null): Promise<CatalogueRow[]> =>
  db.selectFrom("catalogue").selectAll().where(thereFor(tenantId)).orderBy("kind").orderBy("slug").execute();

/** Whether a tenant may name this image while the catalogue is empty: what is private has no slug. */
export async function isImageAllowed(db: Db | Tx, image: string, tenantId: string): Promise<boolean> {
  if (!/^\d+$/.test(image)) return true;
  const { rows } = await sql<{ allowed: boolean }>`select ${image} in ${allowedImages(tenantId)} as allowed`.execute(
    db,
  );
  return rows[0]?.allowed ?? false;
}

export async function isCatalogueEmpty(db: Db | Tx): Promise<boolean> {
  const row = await db.selectFrom("catalogue").select("slug").limit(1).executeTakeFirst();
  return row === undefined;
}

/** An image is found by its slug or by its id; a region and a size by their slug. `tenantId` null: of all there is. */
export const findEntry = (
  db: Db | Tx,
  kind: CatalogueRow["kind"],
  name: string,
  tenantId: string | null = null,
): Promise<CatalogueRow | undefined> =>
  db
    .selectFrom("catalogue")
    .selectAll()
    .where("kind", "=", kind)
    .where(thereFor(tenantId))
    .where((eb) =>
      eb.or([eb("slug", "=", name), eb.and([eb("kind", "=", "image"), sql<boolean>`data->>'id' = ${name}`])]),
    )
    .executeTakeFirst();

export const readBudget = (db: Db): Promise<Selectable<RequestBudget>> =>
  db.selectFrom("request_budget").selectAll().executeTakeFirstOrThrow();

/** US dollars a month of these sizes; one that the catalogue does not know, or without a price, is not in it. */
export async function monthlyPrices(db: Db | Tx, sizes: readonly string[]): Promise<Map<string, number>> {
  if (sizes.length === 0) return new Map();
  const rows = await db
    .selectFrom("catalogue")
    .select(["slug", sql<number | null>`(data ->> 'price_monthly')::float8`.as("usd")])
    .where("kind", "=", "size")
    .where("slug", "in", [...new Set(sizes)])
    .execute();
  return new Map(rows.flatMap(({ slug, usd }) => (usd === null ? [] : [[slug, usd] as const])));
}

/** Requests sent to the provider in the last minute and in the last hour. */
export async function countRequests(db: Db, now: Date): Promise<{ minute: number; hour: number }> {
  const minute = after(now, -60_000);
  return db
    .selectFrom("provider_requests")
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere("at", ">", minute).as("minute"),
      eb.fn.countAll<number>().as("hour"),
    ])
    .where("at", ">", after(now, -3_600_000))
    .executeTakeFirstOrThrow();
}
