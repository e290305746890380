import { z } from "zod";
import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { isGone, isNotFound } from "#resources/kinds/zone-gone.ts";
import type { Conditions } from "./conditions.ts";
import type { DomainRecord } from "#providers/digitalocean/domains.ts";

const address = z.object({
  id: z.int(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  ttl: z.int().nullable(),
});

/**
 * A record that may decide where a hostname leads: A, AAAA and CNAME at the name, NS and DNAME above it too. Its name is
 * relative to the zone.
 */
export type AddressRecord = Readonly<z.output<typeof address>>;
export const addressRecord = address;

const deciding: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME", "NS", "DNAME"]);
const isAddress = (record: DomainRecord): boolean => deciding.has(record.type);

/** The records of a zone, read once for all who need them at about the same time (rule 24). */
export interface Zones {
  /** @returns the zone's records that decide where a name leads, not older than one poll */
  recent(zone: string, call: Call): Promise<readonly AddressRecord[]>;
  /** Those that somebody has read after `since`, if anybody has: asked for they are not. */
  readSince(zone: string, since: Date): Promise<readonly AddressRecord[] | undefined>;
  /** We changed the zone: what was read before is stale. */
  forget(tx: Tx, zone: string): Promise<void>;
}

export interface ZonesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly digitalOcean: DigitalOcean;
  readonly maxAgeMs: number;
  /** Told of every listing that is read. */
  readonly conditions: Pick<Conditions, "zone">;
}

export function createZones({ db, clock, digitalOcean, maxAgeMs, conditions }: ZonesOptions): Zones {
  const reading = new Map<string, Promise<readonly AddressRecord[]>>();

  const read = async (zone: string, call: Call): Promise<readonly AddressRecord[]> => {
    const begunAt = clock.now();
    const listing = await digitalOcean.domains.records.list(zone, undefined, call).catch(async (error: unknown) => {
      if (isNotFound(error) && (await isGone({ db, digitalOcean }, zone, call)))
        await conditions.zone(zone, "gone", begunAt);
      throw error;
    });
    const records = listing.items
      .filter(isAddress)
      .map(({ id, type, name, data, ttl }): AddressRecord => ({ id, type, name, data, ttl }));
    const row = { begun_at: listing.begunAt, records: JSON.stringify(records) };
    await db
      .insertInto("zone_listings")
      .values({ zone, ...row })
      .onConflict((conflict) =>
        conflict.column("zone").doUpdateSet(row).where("zone_listings.begun_at", "<", listing.begunAt),
      )
      .execute();
    await conditions.zone(zone, records, listing.begunAt);
    return records;
  };

  return {
    async recent(zone, call) {
      const known = await db.selectFrom("zone_listings").selectAll().where("zone", "=", zone).executeTakeFirst();
      if (known && after(known.begun_at, maxAgeMs) > clock.now()) return z.array(address).parse(known.records);
      // One who gives up must not take the others along: each reads on for itself then.
      const shared = reading.get(zone);
      if (shared) return shared.catch(() => read(zone, call));
      const mine = read(zone, call).finally(() => reading.delete(zone));
      reading.set(zone, mine);
      return mine;
    },
    async readSince(zone, since) {
      const known = await db.selectFrom("zone_listings").selectAll().where("zone", "=", zone).executeTakeFirst();
      return known && known.begun_at > since ? z.array(address).parse(known.records) : undefined;
    },
    async forget(tx, zone) {
      await tx.deleteFrom("zone_listings").where("zone", "=", zone).execute();
    },
  };
}
