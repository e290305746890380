import { z } from "zod";
import type { DomainRecord, Zone } from "./account-state.ts";
import { unprocessable } from "./errors.ts";
import { defaultTtl, fullName } from "./zones.ts";

const minTtl = 30;
const maxTtl = 2 ** 31 - 1;
const maxLabel = 63;
const maxName = 253;
const types = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"];
const caaTags = ["issue", "issuewild", "iodef"];
const label = /^(@|\*|(\*\.)?[a-zA-Z0-9_]([a-zA-Z0-9_.-]*[a-zA-Z0-9_])?)$/;

export const recordShape = z.object({
  type: z.string().optional(),
  name: z.string().optional(),
  data: z.string().optional(),
  priority: z.number().int().nullish(),
  port: z.number().int().nullish(),
  ttl: z.number().int().nullish(),
  weight: z.number().int().nullish(),
  flags: z.number().int().nullish(),
  tag: z.string().nullish(),
});

/** A record's name is relative to its zone, `@` at the apex; a name that ends in a dot is absolute. */
export function relativeName(zone: Zone, name: string): string {
  const lower = name.toLowerCase();
  if (lower === `${zone.name}.`) return "@";
  return lower.endsWith(`.${zone.name}.`) ? lower.slice(0, -zone.name.length - 2) : lower;
}

type Field = "priority" | "port" | "weight" | "flags" | "tag";

const fields: Record<string, readonly Field[]> = {
  MX: ["priority"],
  SRV: ["priority", "port", "weight"],
  CAA: ["flags", "tag"],
};
const largest = { priority: 65_535, port: 65_535, weight: 65_535, flags: 255 } as const;

/**
 * What a type has of these fields: the others read back as null, also when a client sends a zero for each of them, as
 * godo does. Throws a 422 for one that is needed and missing, or out of its range.
 */
export function fieldsOf(
  type: string,
  given: { [K in Field]?: DomainRecord[K] | undefined },
): Pick<DomainRecord, Field> {
  const kept: Pick<DomainRecord, Field> = { priority: null, port: null, weight: null, flags: null, tag: null };
  for (const field of fields[type] ?? []) {
    const value = given[field];
    if (value === undefined || value === null) throw unprocessable(`${field} can't be blank`);
    if (field === "tag") {
      if (!caaTags.includes(String(value))) throw unprocessable(`Tag must be one of ${caaTags.join(", ")}`);
    } else if (Number(value) < 0 || Number(value) > largest[field])
      throw unprocessable(`${field} must be between 0 and ${largest[field]}`);
    Object.assign(kept, { [field]: value });
  }
  return kept;
}

/** The time to live in seconds, 1800 when none is given. */
export function ttlOf(ttl: number | null | undefined): number {
  if (ttl === null || ttl === undefined) return defaultTtl;
  if (ttl < minTtl) throw unprocessable(`Ttl must be greater than or equal to ${minTtl}`);
  if (ttl > maxTtl) throw unprocessable(`Ttl must be less than or equal to ${maxTtl}`);
  return ttl;
}

/** The type, or the 422 for what is none that can be written. */
export function typeOf(type: string | undefined): string {
  if (type === undefined || !types.includes(type)) throw unprocessable("Type is not included in the list");
  return type;
}

/** Throws DigitalOcean's 422 unless the record's name is one, and free for its type beside the zone's others. */
export function checkPlace(zone: Zone, record: Pick<DomainRecord, "id" | "type" | "name">): void {
  if (!label.test(record.name) || record.name.includes("..")) throw unprocessable("Name is not a valid record name.");
  if (record.name.split(".").some((part) => part.length > maxLabel) || fullName(zone, record).length > maxName)
    throw unprocessable("Name is too long.");
  const beside = [...zone.records.values()].filter((each) => each.name === record.name && each.id !== record.id);
  if (beside.some((each) => each.type === "CNAME") || (record.type === "CNAME" && beside.length > 0))
    throw unprocessable("CNAME records cannot share a name with other records");
}
