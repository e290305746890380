import { sql } from "kysely";
import type { Db } from "#db/connection.ts";
import { isNotFound } from "#resources/kinds/zone-gone.ts";
import { listingCall } from "./listing-call.ts";
import type { Zones } from "./zones.ts";

export interface ZoneOfAdopted {
  readonly db: Db;
  readonly zones: Pick<Zones, "look">;
  /** Undefined: none is configured. */
  readonly zone: string | undefined;
}

/**
 * Reads the zone where a droplet was adopted, or could be: records lead to it of which nobody told us, and whoever adopts or
 * destroys it is told of them.
 */
export async function readZoneOfAdopted({ db, zones, zone }: ZoneOfAdopted, signal: AbortSignal): Promise<void> {
  if (zone === undefined || !(await isWorthIt(db))) return;
  try {
    await zones.look(zone, listingCall(signal));
  } catch (error) {
    // That the zone is gone is a condition of those who have a hostname in it.
    if (!isNotFound(error)) throw error;
  }
}

async function isWorthIt(db: Db): Promise<boolean> {
  const adopted = db
    .selectFrom("deployments")
    .select("id")
    .where(sql<boolean>`adopted and status = 'active'`);
  if (await adopted.limit(1).executeTakeFirst()) return true;
  const foreign = db
    .selectFrom("cloud_resources")
    .select("id")
    .where("managed", "=", false)
    .where("deleted_at", "is", null);
  return (await foreign.limit(1).executeTakeFirst()) !== undefined;
}
