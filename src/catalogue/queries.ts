import type { Selectable } from "kysely";
import { sql } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Catalogue, RequestBudget } from "#db/schema.ts";

export type CatalogueRow = Selectable<Catalogue>;

export const listCatalogue = (db: Db): Promise<CatalogueRow[]> =>
  db.selectFrom("catalogue").selectAll().orderBy("kind").orderBy("slug").execute();

export async function isCatalogueEmpty(db: Db | Tx): Promise<boolean> {
  const row = await db.selectFrom("catalogue").select("slug").limit(1).executeTakeFirst();
  return row === undefined;
}

/** An image is found by its slug or by its id; a region and a size by their slug. */
export const findEntry = (db: Db | Tx, kind: CatalogueRow["kind"], name: string): Promise<CatalogueRow | undefined> =>
  db
    .selectFrom("catalogue")
    .selectAll()
    .where("kind", "=", kind)
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
