import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import type { DomainRecord, Zone } from "./account-state.ts";
import { unprocessable } from "./errors.ts";
import { fullName } from "./zones.ts";

const minTtl = 30;
const maxTtl = 2 ** 31 - 1;
const maxLabel = 63;
const maxName = 253;
const types = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"];
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

/** Throws DigitalOcean's 422 unless the record is complete for its type and fits beside the zone's others. */
export function checkRecord(zone: Zone, record: DomainRecord): void {
  if (!types.includes(record.type)) throw unprocessable("Type is not included in the list");
  if (!label.test(record.name)) throw unprocessable("Name is not a valid record name.");
  if (record.name.split(".").some((part) => part.length > maxLabel) || fullName(zone, record).length > maxName)
    throw unprocessable("Name is too long.");
  if (record.data === "") throw unprocessable("Data can't be blank");
  if (record.type === "A" && !isIPv4(record.data)) throw unprocessable("Data is not a valid IPv4 address.");
  if (record.type === "AAAA" && !isIPv6(record.data)) throw unprocessable("Data is not a valid IPv6 address.");
  if (["CNAME", "MX", "SRV"].includes(record.type) && record.data !== "@" && !record.data.endsWith("."))
    throw unprocessable("Data needs to end with a dot (.)");
  if (record.ttl < minTtl) throw unprocessable(`Ttl must be greater than or equal to ${minTtl}`);
  if (record.ttl > maxTtl) throw unprocessable(`Ttl must be less than or equal to ${maxTtl}`);
  const needed = neededFields(record);
  const missing = needed.find((field) => record[field] === null);
  if (missing) throw unprocessable(`${missing} can't be blank`);
  const beside = [...zone.records.values()].filter((each) => each.name === record.name && each.id !== record.id);
  if (beside.some((each) => each.type === "CNAME") || (record.type === "CNAME" && beside.length > 0))
    throw unprocessable("CNAME records cannot share a name with other records");
}

function neededFields(record: DomainRecord): ("priority" | "port" | "weight" | "flags" | "tag")[] {
  if (record.type === "MX") return ["priority"];
  if (record.type === "SRV") return ["priority", "port", "weight"];
  return record.type === "CAA" ? ["flags", "tag"] : [];
}
