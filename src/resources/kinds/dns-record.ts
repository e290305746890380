import { z } from "zod";
import { looksSince } from "#inventory/looks.ts";
import { keptRecord, pagesOfZone, twinsOf, zoneScope } from "#inventory/zone-records.ts";
import { recordHandle, type RecordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import type { DomainRecord } from "#providers/digitalocean/domains.ts";
import { removalOf, unlessMissing } from "#providers/digitalocean/errors.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import type { Aspect } from "../aspect.ts";
import { countRemoving } from "../rows.ts";
import type { Kind, Looking } from "../kind.ts";
import { recordsIn } from "./zone-gone.ts";

type SeenRecord = Pick<DomainRecord, "type" | "name" | "data" | "ttl">;

/** A record of a zone. DigitalOcean accepts a duplicate without a word. */
export const dnsRecord: Kind<RecordHandle, undefined, SeenRecord> = {
  name: recordKind,
  called: "DNS record",
  handle: recordHandle,

  async create(io, { zone, type, name, data, ttl }, _spec, call) {
    const record = await io.digitalOcean.domains.records.create(zone, { type, name, data, ttl }, call);
    return String(record.id);
  },

  async find(io, handle) {
    const { items, begunAt } = await listAt(io, handle);
    const ours = items.filter(({ data }) => isOurValue(data, handle)).toSorted((a, b) => a.id - b.id);
    return { ids: ours.map(({ id }) => String(id)), begunAt };
  },

  get: (io, id, { zone }) => getRecord(io, zone, Number(id)),

  /** The looks at the zone, where more are on their way out than it has pages. */
  async shared(io, id, { handle }) {
    const { zone } = handle;
    const pages = await pagesOfZone(io.db, zone);
    if (pages === undefined || (await countRemoving(io.db, recordKind)) < pages) return undefined;
    const kept = await keptRecord(io.db, zone, Number(id));
    return {
      mayMiss: pages > 1,
      seenAt: kept?.seen_at,
      others: (await twinsOf(io.db, handle, Number(id))).map(String),
      looksSince: (since) => looksSince(io.db, zoneScope(zone), since, Number(id)),
      watch: zoneScope(zone),
    };
  },

  /** By its value, as long as that is ours; one that stood in our way, by its id. Neither where it is another name's. */
  isOurs: (seen, { handle, origin, surplus }) =>
    isAt(seen, handle) && (isOurValue(seen.data, handle) || (origin === "taken_over" && surplus)),

  async look(io, id, handle) {
    const { items, begunAt } = await listAt(io, handle);
    const others = items.filter((record) => record.id !== Number(id) && record.data === handle.data);
    const shown = items.some((record) => record.id === Number(id));
    return { shown, begunAt, others: others.map((record) => String(record.id)) };
  },

  remove: (io, id, { zone }, call) => removalOf(io.digitalOcean.domains.records.delete(zone, Number(id), call)),

  whenForeign: "leave",

  refreshed: (handle, { ttl }) => ({ ...handle, ttl: longerTtl(handle.ttl, ttl) }),

  /** What stood in our way has led to no address of ours. */
  lingers: ({ handle, origin, surplus }) => ({
    ms: origin === "taken_over" && surplus ? 0 : believedMs(handle.ttl),
    kinds: ledTo,
  }),
};

/** What has the address that a record of ours holds. */
export const ledTo: readonly string[] = [dropletKind, reservedIpKind];

/** For how long a record with this TTL is believed; DigitalOcean's is half an hour where none is told. Milliseconds. */
export const believedMs = (ttl: number | null): number => (ttl ?? 1800) * 1000;

/** Somebody may have made it longer. */
export const longerTtl = (ours: number | null, seen: number | null): number | null =>
  believedMs(seen) > believedMs(ours) ? seen : ours;

/** Where it leads, or where we have led it while its droplet was gone. */
const isOurValue = (data: string, handle: RecordHandle): boolean => data === handle.data || data === handle.parking;

/** Whether it stands where the handle says. */
const isAt = ({ type, name }: SeenRecord, handle: RecordHandle): boolean =>
  type === handle.type && name.toLowerCase() === handle.name.toLowerCase();

const value = z.object({
  data: z.string(),
  ttl: z.int().nullable(),
  /** Only of one that somebody has moved elsewhere: it is neither what it was nor what we make of it. */
  moved_to: z.string().optional(),
});

/** Where a record leads, and for how long that is believed. Changed by PUT, so that it keeps its id. */
export const recordValue: Aspect<RecordHandle, z.output<typeof value>> = {
  name: "value",
  called: "DNS record",
  value,
  isRechecked: true,

  async read(io, id, handle) {
    const record = await getRecord(io, handle.zone, Number(id));
    if (!record) return undefined;
    const { type, name, data, ttl } = record;
    return { data, ttl, ...(!isAt(record, handle) && { moved_to: `${type} ${name}` }) };
  },

  /** Somebody may have made it believed for longer since it was ours: that is waited out. */
  refreshed: (handle, { data, ttl, moved_to }) =>
    data === handle.data && moved_to === undefined ? { ...handle, ttl: longerTtl(handle.ttl, ttl) } : handle,

  /** For how long it is believed somebody may have changed: it leads there all the same, and is put back. */
  isStill: (state, { data }) => state.data === data && state.moved_to === undefined,

  async send(io, id, { zone, type, name }, { data, ttl }, call) {
    const record = await io.digitalOcean.domains.records.replace(zone, Number(id), { type, name, data, ttl }, call);
    return { data: record.data, ttl: record.ttl };
  },
};

const getRecord = (io: Looking, zone: string, id: number): Promise<DomainRecord | undefined> =>
  unlessMissing(io.digitalOcean.domains.records.get(zone, id, io.call(io.signal)));

/** A fresh look, by name and type, at the records of a hostname. */
export const listAt = (
  io: Omit<Looking, "installId">,
  { hostname, type, zone }: Omit<RecordHandle, "name" | "data" | "ttl">,
) => recordsIn(io, zone, { name: hostname, type });
