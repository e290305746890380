import { sql } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { believedMs, ledTo, recordValue } from "#resources/kinds/dns-record.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { isNotFound } from "#resources/kinds/zone-gone.ts";
import { expose } from "#resources/ledger.ts";
import { recheckSeen } from "#resources/rechecks.ts";
import { goneAmong, liveRow } from "#resources/rows.ts";
import type { Working } from "../step-context.ts";

/**
 * A record that somebody else has led to the address, by a fresh look at the zone, be it theirs or ours of another hostname:
 * it would lead to a stranger once the address is given up.
 * @returns undefined also where the zone is not in the account any more
 */
export async function ledByOthers(
  io: Working,
  { zone, address }: { readonly zone: string; readonly address: string },
): Promise<AddressRecord | undefined> {
  const known = await knownToLead(io, zone, address);
  if (!(await isSeenAfresh(io, zone))) return undefined;
  return (await knownToLead(io, zone, address)) ?? stillLeading(io, { zone, address }, known);
}

/** Looks at the zone. @returns whether the account has it */
async function isSeenAfresh(io: Working, zone: string): Promise<boolean> {
  try {
    await io.zones.look(zone, io.call(io.signal));
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Whether the record leads to the address, as it is told by its id just now. */
export async function leadsThere(
  io: Working,
  { zone, address }: { readonly zone: string; readonly address: string },
  id: number,
): Promise<boolean> {
  const it = await unlessMissing(io.digitalOcean.domains.records.get(zone, id, io.call(io.signal)));
  return it?.data === address;
}

/** One listing that misses what another has shown proves nothing (rule 17). @returns it where it leads there still */
async function stillLeading(
  io: Working,
  { zone, address }: { readonly zone: string; readonly address: string },
  known: AddressRecord | undefined,
): Promise<AddressRecord | undefined> {
  if (!known || !(await leadsThere(io, { zone, address }, known.id))) return undefined;
  await io.commit((tx) => io.zones.wrote(tx, zone, known));
  return known;
}

/**
 * Waits until the record does not lead there any more. One that we have taken away and that is there after all, since its
 * DELETE had no effect and looks did not show it, is looked at at once, and taken away again.
 */
export async function untilLedNowhere(
  io: Working,
  { zone, address }: { readonly zone: string; readonly address: string },
  { id, name, ttl }: AddressRecord,
): Promise<Snooze> {
  const now = io.clock.now();
  const wasOurs = (await goneAmong(io.db, recordKind, [String(id)])).length > 0;
  if (wasOurs) await recheckSeen(io.db, recordKind, [String(id)], now);
  const isOurs = (await liveRow(io.db, recordKind, String(id))) !== undefined;
  const why = wasOurs
    ? "we removed it, it is there after all, and it is removed again"
    : isOurs
      ? "it is ours, and somebody has led it there; nobody but you leads it back"
      : "nobody but you removes it";
  const what = `record ${id} (${name}) of zone ${zone} to lead to ${address} no more: ${why}`;
  const again = after(now, Math.max(io.timing.poll, 60_000));
  // It may lead there until it is looked at again, and is believed from then on for as long as it says.
  if (io.timing.drain) await exposeFor(io, after(again, believedMs(ttl)));
  return snooze(again, what);
}

/** What the saga has made is not given up before. */
const exposeFor = (io: Working, until: Date): Promise<void> =>
  io.commit((tx) => expose(tx, { saga_id: io.saga.id, deployment_id: null }, ledTo, until));

/**
 * Before what this saga has made gives its address up: a wait for a record by which it led a name there, and that somebody has
 * taken in hand since, so that it could not be led back; or that somebody has led there themselves, as far as the zone was read.
 * Whoever has it now has to lead it elsewhere first (rule 20): also an operator who has only said so, of a record that is ours.
 */
export async function untilLeftLeadNowhere(io: Working, hasAddress: (address: string) => Promise<boolean>) {
  for (const it of await leftBehind(io.db, io.saga.id)) {
    // It may have led there until just now, however long ago the last look was.
    const before = await io.zones.leadingTo(it.zone, it.address);
    if (io.timing.drain && before.length > 0 && (await hasAddress(it.address)))
      for (const { ttl } of before) await exposeFor(io, after(io.clock.now(), believedMs(ttl)));
    if (!(await isSeenAfresh(io, it.zone))) continue;
    const [shown] = await io.zones.leadingTo(it.zone, it.address);
    const other = shown ?? (await stillLeading(io, it, before[0]));
    // What has given its address up already leads to nobody of ours.
    if (other && (await hasAddress(it.address))) return untilLedNowhere(io, it, other);
  }
  return undefined;
}

/**
 * To what the saga has led names by records that were left to somebody else, or that an operator saw to by hand; and to what of it a record
 * leads, by what was last read.
 */
async function leftBehind(db: Db, sagaId: string) {
  const { rows } = await sql<{ readonly zone: string; readonly address: string }>`
    select distinct zone, address from (
      select held.handle ->> 'zone' as zone, change.goal ->> 'data' as address
      from provider_changes change join provider_resources held on held.id = change.resource_id
      where change.saga_id = ${sagaId} and change.aspect = ${recordValue.name} and change.phase = 'left' and held.kind = ${recordKind}
      union all
      select handle ->> 'zone', handle ->> 'data' from provider_resources
      where begun_by = ${sagaId} and kind = ${recordKind} and phase in ('left', 'abandoned') and origin = 'made'
      union all
      select led.zone, led.data from provider_resources held
      left join sightings on held.kind = ${dropletKind} and sightings.provider_id::text = held.provider_id
      join zone_records led on led.type = 'A'
        and led.data = case held.kind when ${reservedIpKind} then held.provider_id else sightings.droplet ->> 'public_ipv4' end
      where held.saga_id = ${sagaId} and held.kind in (${dropletKind}, ${reservedIpKind}) and held.origin = 'made'
    ) it where address is not null`.execute(db);
  return rows;
}

/**
 * The address that the inventory takes for the droplet's, and where we ourselves have led the records that the saga removes, or
 * leads elsewhere: what was seen may be a person's reserved IP that was shown first (rule 49).
 */
export async function addressesLedTo(db: Db, sagaId: string, seen: string | null | undefined): Promise<Set<string>> {
  const { rows } = await sql<{ readonly address: string }>`
    select handle ->> 'data' as address from provider_resources held
    where saga_id = ${sagaId} and begun_by <> ${sagaId} and kind = ${recordKind}
    union
    select change.was ->> 'data' from provider_changes change join provider_resources held on held.id = change.resource_id
    where change.saga_id = ${sagaId} and change.aspect = ${recordValue.name} and held.kind = ${recordKind}`.execute(db);
  return new Set([...(seen ? [seen] : []), ...rows.map(({ address }) => address)]);
}

/** Whether no DELETE of the saga's explains the end of a record that it was to take away: a person may have made it anew. */
export async function wasTakenInHand(db: Db, sagaId: string): Promise<boolean> {
  const theirs = await db
    .selectFrom("provider_resources")
    .select("id")
    .where("saga_id", "=", sagaId)
    .where("kind", "=", recordKind)
    .where((row) =>
      row.or([row("phase", "=", "left"), row.and([row("phase", "=", "gone"), row("foreign_since", "is not", null)])]),
    )
    .executeTakeFirst();
  return theirs !== undefined;
}

/** As `ledByOthers`, by what was last read of the zone: that costs no request. Ours that we have led there goes by itself. */
export async function knownToLead(
  io: Pick<Working, "zones"> & { readonly db: Db | Tx },
  zone: string,
  address: string,
): Promise<AddressRecord | undefined> {
  for (const record of await io.zones.leadingTo(zone, address)) {
    const ours = await liveRow(io.db, recordKind, String(record.id));
    if (!ours || recordHandle.parse(ours.handle).data !== address) return record;
  }
  return undefined;
}
