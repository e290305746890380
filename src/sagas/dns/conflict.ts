import type { AddressRecord } from "#fleet/zones.ts";
import { relativeName, released } from "#resources/kinds/record-handle.ts";
import { PermanentError } from "#engine/failure.ts";
import type { World } from "../step-context.ts";

export interface Hostname {
  readonly hostname: string;
  readonly zone: string;
  /** An admin allows that an A record which is there already is taken over. */
  readonly replace_dns: boolean;
}

type Io = World & { readonly signal: AbortSignal };

/**
 * The records that lead the hostname somewhere now, without those that we deleted and a listing may still show.
 * @throws {PermanentError} `dns_conflict` where no record at the hostname would be asked for
 */
export async function recordsAt(io: Io, { hostname, zone }: Hostname): Promise<AddressRecord[]> {
  const name = relativeName(hostname, zone);
  const listed = await io.zones.recent(zone, io.call(io.signal));
  const redirection = listed.find((record) => leadsAway(record, name));
  if (redirection) throw new PermanentError("dns_conflict", describe(redirection, hostname));
  const here = listed.filter((record) => record.name.toLowerCase() === name && addressTypes.has(record.type));
  const ours = await released(
    io.db,
    here.map((record) => record.id),
  );
  return here.filter((record) => !ours.has(record.id)).toSorted((a, b) => a.id - b.id);
}

/** Of these, one at the hostname itself answers for it. Others (MX, TXT, SRV, CAA) may stand beside an A record. */
const addressTypes: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

/**
 * Whether the record makes the world ask elsewhere for the name, whatever stands there in this zone. An NS record hands
 * its name and all below it to other nameservers (RFC 1034, 4.2.1), but at the zone's own name it names the zone's. A
 * DNAME record, which DigitalOcean does not offer today, sends all below its name elsewhere, not the name itself (RFC
 * 6672, 2.3). A CNAME speaks for its own name only, and a wildcard for names that have no record of their own (RFC 4592).
 */
function leadsAway({ type, name: owner }: AddressRecord, name: string): boolean {
  const at = owner.toLowerCase();
  const isBelow = at === "@" ? name !== "@" : name.endsWith(`.${at}`);
  if (type === "NS") return at !== "@" && (name === at || isBelow);
  return type === "DNAME" && isBelow;
}

const describe = ({ type, name, data }: AddressRecord, hostname: string): string =>
  `${hostname} is led elsewhere by the ${type} record of ${name} (${data}): an A record for it would not be asked for. ` +
  "Remove that record, or choose another hostname";

/** Why these records forbid pointing the hostname to a droplet of ours; undefined when nothing does. */
export function conflictWith(
  records: readonly AddressRecord[],
  { hostname, replace_dns }: Hostname,
): string | undefined {
  const other = records.find((record) => record.type !== "A");
  if (other)
    return `${hostname} has a ${other.type} record already (${other.data}): remove it, an A record beside it would not do`;
  const [first] = records;
  if (!first || replace_dns) return undefined;
  return (
    `${hostname} has an A record already (${first.data}) that this deployment did not make; ` +
    "remove it, or ask again with replace_dns as an admin"
  );
}
