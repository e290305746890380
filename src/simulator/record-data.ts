import { isIPv4, isIPv6 } from "node:net";
import type { DomainRecord, Zone } from "./account-state.ts";
import { unprocessable } from "./errors.ts";

const maxTxt = 512;
const host = /^(\*\.)?([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.)+$/;

type Written = Pick<DomainRecord, "type" | "data" | "tag">;

/** Whose data is a host name. That of a CAA record is one too, unless it says where to report (`iodef`, a URL). */
const isHost = ({ type, tag }: Pick<Written, "type" | "tag">): boolean =>
  ["CNAME", "MX", "NS", "SRV"].includes(type) || (type === "CAA" && tag !== "iodef");

/**
 * A record's data as it is kept and read back, or DigitalOcean's 422. A host name is written with its dot at the end
 * and read back without it, the zone itself as `@` (terraform-provider's resource_record.go, dnscontrol's provider,
 * octodns#692); an SRV record may say `.`, no such service. TXT data is kept to the letter, quotes included, and holds
 * 512 characters (dnscontrol#370).
 */
export function dataToKeep(zone: Pick<Zone, "name">, record: Written): string {
  const { type, data } = record;
  if (data.trim() === "") throw unprocessable("Data can't be blank");
  if (type === "A" && !isIPv4(data)) throw unprocessable("Data is not a valid IPv4 address.");
  if (type === "AAAA" && !isIPv6(data)) throw unprocessable("Data is not a valid IPv6 address.");
  if (type === "TXT" && data.length > maxTxt) throw unprocessable(`Data is too long (maximum is ${maxTxt} characters)`);
  if (!isHost(record) || data === "@" || (type === "SRV" && data === ".")) return data;
  if (!data.endsWith(".")) throw unprocessable("Data needs to end with a dot (.)");
  if (data.length > 254 || !host.test(data)) throw unprocessable("Data is not a valid host name.");
  return readBack(zone, record);
}

/** What an answer says for data as it was written. Anything that is as it should be already stays. */
export function readBack(zone: Pick<Zone, "name">, record: Written): string {
  const { data } = record;
  if (!isHost(record) || data === ".") return data;
  const bare = data.endsWith(".") ? data.slice(0, -1) : data;
  return bare.toLowerCase() === zone.name ? "@" : bare;
}

/** The data in a zone file, where a host name is absolute. */
export function zoneFileData(zone: Pick<Zone, "name">, record: DomainRecord): string {
  if (!isHost(record) || record.data === ".") return record.data;
  return record.data === "@" ? `${zone.name}.` : `${record.data}.`;
}
