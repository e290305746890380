import { z } from "zod";
import { recordHandle, type RecordHandle, recordKind } from "./record-handle.ts";
import type { DomainRecord } from "#providers/digitalocean/domains.ts";
import type { Aspect } from "../aspect.ts";
import type { Io, Kind } from "../kind.ts";
import { isNotFound, recordsIn } from "./zone-gone.ts";

/** A record of a zone. DigitalOcean accepts a duplicate without a word. */
export const dnsRecord: Kind<RecordHandle, undefined, DomainRecord> = {
  name: recordKind,
  called: "DNS record",
  handle: recordHandle,

  async create(io, { zone, type, name, data, ttl }, _spec, call) {
    const record = await io.digitalOcean.domains.records.create(zone, { type, name, data, ttl }, call);
    return String(record.id);
  },

  async find(io, handle) {
    const { items, begunAt } = await listAt(io, handle);
    const ours = items.filter(({ data }) => data === handle.data).toSorted((a, b) => a.id - b.id);
    return { ids: ours.map(({ id }) => String(id)), begunAt };
  },

  get: (io, id, { zone }) => getRecord(io, zone, Number(id)),

  /** By its value, as long as that is ours; one that stood in our way, by its id. */
  isOurs: ({ data }, { handle, origin, surplus }) => data === handle.data || (origin === "taken_over" && surplus),

  async look(io, id, handle) {
    const { items, begunAt } = await listAt(io, handle);
    return { shown: items.some((record) => record.id === Number(id)), begunAt };
  },

  async remove(io, id, { zone }, call) {
    try {
      await io.digitalOcean.domains.records.delete(zone, Number(id), call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },

  whenForeign: "leave",
};

const value = z.object({ data: z.string(), ttl: z.int().nullable() });

/** Where a record leads, and for how long that is believed. Changed by PUT, so that it keeps its id. */
export const recordValue: Aspect<RecordHandle, z.output<typeof value>> = {
  name: "value",
  called: "DNS record",
  value,

  async read(io, id, { zone }) {
    const record = await getRecord(io, zone, Number(id));
    return record && { data: record.data, ttl: record.ttl };
  },

  async send(io, id, { zone, type, name }, { data, ttl }, call) {
    const record = await io.digitalOcean.domains.records.replace(zone, Number(id), { type, name, data, ttl }, call);
    return { data: record.data, ttl: record.ttl };
  },
};

async function getRecord(io: Io, zone: string, id: number): Promise<DomainRecord | undefined> {
  try {
    return await io.digitalOcean.domains.records.get(zone, id, io.call(io.signal));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A fresh look, by name and type, at the records of a hostname. */
export const listAt = (
  io: Pick<Io, "digitalOcean" | "call" | "signal" | "db" | "clock">,
  { hostname, type, zone }: Omit<RecordHandle, "name" | "data" | "ttl">,
) => recordsIn(io, zone, { name: hostname, type });
