import { sql } from "kysely";
import { z } from "zod";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { recordLook } from "#inventory/looks.ts";
import { zoneScope } from "#inventory/zone-records.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { isGone, isNotFound } from "#resources/kinds/zone-gone.ts";
import type { Conditions } from "./conditions.ts";
import { type DomainRecord, isUntold } from "#providers/digitalocean/domains.ts";
import { mayBeOurs } from "#resources/kinds/record-handle.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Bookmark } from "#providers/digitalocean/pages.ts";
import { wakeAll, type Watchers } from "./watchers.ts";

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
const addresses = (records: readonly DomainRecord[]): AddressRecord[] =>
  records
    .filter(({ type }) => deciding.has(type))
    .map(({ id, type, name, data, ttl }) => ({ id, type, name: name.toLowerCase(), data, ttl }));

/** The records of a zone, read once for all who need them at about the same time (rule 24). */
export interface Zones {
  /**
   * @param name relative to the zone, `@` for the zone itself
   * @returns the records that decide where the name leads, at it and above it, as they were lately
   */
  recent(zone: string, name: string, call: Call): Promise<readonly AddressRecord[]>;
  /**
   * A zone of the account that has the name instead: one at a name between this zone's and it. Whether there is one at the name
   * itself is not asked for: a request more for every hostname, most of which stand right below the zone.
   */
  ownZone(zone: string, name: string, call: Call): Promise<string | undefined>;
  /** Those of them that a complete reading begun after `since` has shown, if there was one: asked for it is not. */
  readSince(zone: string, name: string, since: Date): Promise<readonly AddressRecord[] | undefined>;
  /** The A records of the zone that lead to the address, as far as somebody has read or written them. */
  leadingTo(zone: string, address: string): Promise<readonly AddressRecord[]>;
  /** Reads all of the zone for all who wait for what it shows. @returns how many requests that took */
  look(zone: string, call: Call): Promise<number>;
  /** We wrote a record, or a GET by its id has shown it. */
  wrote(tx: Tx, zone: string, record: AddressRecord): Promise<void>;
  /** We deleted a record. */
  removed(tx: Tx, zone: string, id: number): Promise<void>;
  /** We changed the zone, and do not know to what: what was read before is stale. */
  forget(tx: Tx, zone: string): Promise<void>;
}

export interface ZonesOptions extends Watchers {
  readonly db: Db;
  readonly ids: Ids;
  readonly digitalOcean: DigitalOcean;
  readonly pollMs: number;
  /** Told of every listing that is read. */
  readonly conditions: Pick<Conditions, "zone">;
}

/** How old a zone may be that takes many requests to read: what somebody else did meanwhile is seen later. Milliseconds. */
const oldestMs = 60_000;
/** How long it is believed who a zone hands names to: that changes rarely. Milliseconds. */
const delegatedMs = 60_000;

export function createZones(options: ZonesOptions): Zones {
  const { db, clock, ids, digitalOcean, pollMs, conditions } = options;
  const reading = new Map<string, Promise<number>>();
  const bookmarks = new Map<string, Bookmark<DomainRecord>>();
  const delegations = new Map<string, { readonly at: Date; readonly records: readonly AddressRecord[] }>();
  /** When the account was seen to have no zone of this name. */
  const noZones = new Map<string, Date>();
  /** When this worker asked for single names of a zone. */
  const asked = new Map<string, Date[]>();

  const maxAgeMs = (pages: number): number =>
    pages === 1 ? pollMs : Math.max(pollMs, Math.min(oldestMs, 3 * pollMs * pages));

  const readAll = async (zone: string, call: Call): Promise<number> => {
    const bookmark = bookmarks.get(zone) ?? {};
    bookmarks.set(zone, bookmark);
    const begunAt = clock.now();
    // All who need it wait for it.
    const listing = await digitalOcean.domains.records
      .list(zone, undefined, { ...call, shared: true }, bookmark)
      .then(async (it) => {
        await refuseUntold(db, zone, it.items.filter(isUntold));
        return it;
      })
      .catch(async (error: unknown) => {
        if (isNotFound(error) && (await isGone({ db, digitalOcean }, zone, call)))
          await conditions.zone(zone, "gone", begunAt);
        // It may be gone from the account, or hold what cannot be read: who waits for it looks for it by name.
        if (!isForNow(error)) await db.deleteFrom("zone_listings").where("zone", "=", zone).execute();
        throw error;
      });
    const shown = addresses(listing.items);
    const records = JSON.stringify(shown);
    const seenAt = sql`${listing.begunAt}::timestamptz`;
    // What we wrote ourselves since it began stays: it is newer.
    await sql`
      with shown as (
        insert into zone_records (zone, id, type, name, data, ttl, seen_at)
        select ${zone}, it.id, it.type, it.name, it.data, it.ttl, ${seenAt}
        from jsonb_to_recordset(${records}::jsonb) it (id bigint, type text, name text, data text, ttl int)
        on conflict (zone, id) do update set type = excluded.type, name = excluded.name, data = excluded.data,
          ttl = excluded.ttl, seen_at = excluded.seen_at
        where zone_records.seen_at < excluded.seen_at
        returning id
      ),
      missed as (
        delete from zone_records where zone = ${zone} and seen_at < ${seenAt} and id not in (select id from shown)
      )
      insert into zone_listings (zone, begun_at, pages) values (${zone}, ${seenAt}, ${listing.pages}::int)
      on conflict (zone) do update set begun_at = excluded.begun_at, pages = excluded.pages
      where zone_listings.begun_at is null or zone_listings.begun_at < excluded.begun_at
    `.execute(db);
    const scope = zoneScope(zone);
    const look = { id: ids.uuid(), scope, begun_at: listing.begunAt, finished_at: clock.now() };
    await recordLook(db, { ...look, found: listing.items.length, pages: listing.pages });
    await wakeAll(options, db, scope);
    await conditions.zone(zone, shown, listing.begunAt);
    return listing.pages;
  };

  /** One who gives up must not take the others along: each reads on for itself then. */
  const readShared = async (zone: string, call: Call): Promise<number> => {
    const shared = reading.get(zone);
    if (shared) return shared.catch(() => readShared(zone, call));
    const mine = readAll(zone, call).finally(() => reading.delete(zone));
    reading.set(zone, mine);
    return mine;
  };

  /** Those at the name, and those that may hand it to somebody else. */
  const kept = async (zone: string, name: string): Promise<AddressRecord[]> => {
    const rows = await db
      .selectFrom("zone_records")
      .select(["id", "type", "name", "data", "ttl"])
      .where("zone", "=", zone)
      .where("name", "in", namesAbove(name))
      .execute();
    return rows;
  };

  const byName = async (zone: string, name: string, call: Call): Promise<AddressRecord[]> => {
    const { records } = digitalOcean.domains;
    const known = delegations.get(zone);
    let above = known && after(known.at, delegatedMs) > clock.now() ? known.records : undefined;
    if (!above) {
      const listing = await records.list(zone, { type: "NS" }, { ...call, shared: true });
      above = addresses(listing.items);
      delegations.set(zone, { at: listing.begunAt, records: above });
    }
    const here = await records.list(zone, { name: name === "@" ? zone : `${name}.${zone}` }, call);
    const wider = new Set(namesAbove(name));
    const found = [...above.filter((it) => wider.has(it.name)), ...addresses(here.items)];
    return [...new Map(found.map((it) => [it.id, it])).values()];
  };

  const isZone = async (candidate: string, call: Call): Promise<boolean> => {
    const now = clock.now();
    for (const [known, at] of noZones) if (after(at, delegatedMs) <= now) noZones.delete(known);
    if (noZones.has(candidate)) return false;
    try {
      await digitalOcean.domains.get(candidate, call);
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      noZones.set(candidate, now);
      return false;
    }
  };

  /** Whether so few ask for names of it that each is asked for by itself. */
  const isRarelyAsked = (zone: string, pages: number): boolean => {
    const now = clock.now();
    const lately = (asked.get(zone) ?? []).filter((at) => after(at, maxAgeMs(pages)) > now);
    if (lately.length >= pages) return false;
    asked.set(zone, [...lately, now]);
    return true;
  };

  return {
    async recent(zone, anyCase, call) {
      const name = anyCase.toLowerCase();
      const known = await db.selectFrom("zone_listings").selectAll().where("zone", "=", zone).executeTakeFirst();
      const isFresh = known?.begun_at && after(known.begun_at, maxAgeMs(known.pages)) > clock.now();
      if (isFresh) return kept(zone, name);
      if (known && known.pages > 1 && !reading.has(zone) && isRarelyAsked(zone, known.pages))
        return byName(zone, name, call);
      await readShared(zone, call);
      return kept(zone, name);
    },
    async ownZone(zone, name, call) {
      for (const above of namesAbove(name.toLowerCase()).slice(1, -1))
        if (await isZone(`${above}.${zone}`, call)) return `${above}.${zone}`;
      return undefined;
    },
    look: readShared,
    async wrote(tx, zone, { id, type, name, data, ttl }) {
      const row = { type, name: name.toLowerCase(), data, ttl, seen_at: clock.now() };
      await tx
        .insertInto("zone_records")
        .values({ zone, id, ...row })
        .onConflict((conflict) => conflict.columns(["zone", "id"]).doUpdateSet(row))
        .execute();
    },
    async removed(tx, zone, id) {
      await tx.deleteFrom("zone_records").where("zone", "=", zone).where("id", "=", id).execute();
    },
    async readSince(zone, name, since) {
      const known = await db.selectFrom("zone_listings").selectAll().where("zone", "=", zone).executeTakeFirst();
      return known?.begun_at && known.begun_at > since ? kept(zone, name.toLowerCase()) : undefined;
    },
    leadingTo: (zone, data) =>
      db
        .selectFrom("zone_records")
        .select(["id", "type", "name", "data", "ttl"])
        .where("zone", "=", zone)
        .where("data", "=", data)
        .where("type", "=", "A")
        .execute(),
    async forget(tx, zone) {
      await tx.updateTable("zone_listings").set({ begun_at: null }).where("zone", "=", zone).execute();
      await tx.deleteFrom("zone_records").where("zone", "=", zone).execute();
    },
  };
}

/** Somebody else's that does not tell where it leads is kept as it is told; one that may be ours would not look like ours. */
async function refuseUntold(db: Db, zone: string, untold: readonly DomainRecord[]): Promise<void> {
  const ours = await mayBeOurs(db, zone, untold);
  if (ours)
    throw new DigitalOceanError(
      `record ${ours.id} (A, ${ours.name}) may be ours and does not tell where it leads; nothing of the listing was used`,
      {
        method: "GET",
        route: "/v2/domains/{zone}/records",
        path: { zone },
        reason: "unexpected_answer",
        effect: "none",
      },
    );
}

const isForNow = (error: unknown): boolean =>
  !(error instanceof DigitalOceanError) || error.reason === "rate_limited" || error.reason === "aborted";

/** The name, each above it, and the zone's own: `a.b` is led by records at `a.b`, `b` and `@`. */
function namesAbove(name: string): string[] {
  const labels = name === "@" ? [] : name.split(".");
  return [...labels.map((_, index) => labels.slice(index).join(".")), "@"];
}
