import type { Db, Tx } from "#db/connection.ts";
import type { ZoneRecords } from "#db/schema.ts";
import type { Selectable } from "kysely";

/** Under which complete listings of a zone are remembered. */
export const zoneScope = (zone: string): string => `zone:${zone}`;

/** A record as a listing, or our own write, showed it last. */
export const keptRecord = (db: Db | Tx, zone: string, id: number): Promise<Selectable<ZoneRecords> | undefined> =>
  db.selectFrom("zone_records").selectAll().where("zone", "=", zone).where("id", "=", id).executeTakeFirst();

/** How many pages the zone had when it was last read; undefined where that was never. */
export async function pagesOfZone(db: Db | Tx, zone: string): Promise<number | undefined> {
  const row = await db.selectFrom("zone_listings").select("pages").where("zone", "=", zone).executeTakeFirst();
  return row?.pages;
}

/** The records at the name and above it, as they were last read; undefined where the zone was never read. */
export async function knownAt(db: Db | Tx, zone: string, name: string): Promise<Selectable<ZoneRecords>[] | undefined> {
  const listing = await db.selectFrom("zone_listings").select("begun_at").where("zone", "=", zone).executeTakeFirst();
  if (!listing?.begun_at) return undefined;
  const labels = name === "@" ? [] : name.split(".");
  const names = [...labels.map((_, at) => labels.slice(at).join(".")), "@"];
  return db.selectFrom("zone_records").selectAll().where("zone", "=", zone).where("name", "in", names).execute();
}

/** Other records of the same name, type and value. */
export async function twinsOf(
  db: Db | Tx,
  { zone, name, type, data }: Pick<ZoneRecords, "zone" | "name" | "type" | "data">,
  id: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom("zone_records")
    .select("id")
    .where("zone", "=", zone)
    .where("name", "=", name.toLowerCase())
    .where("type", "=", type)
    .where("data", "=", data)
    .where("id", "<>", id)
    .orderBy("id")
    .execute();
  return rows.map((row) => row.id);
}
