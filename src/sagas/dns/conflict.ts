import type { AddressRecord } from "#fleet/zones.ts";
import { relativeName, released } from "#dns/records.ts";
import type { World } from "../world.ts";

export interface Hostname {
  readonly hostname: string;
  readonly zone: string;
  /** An admin allows that an A record which is there already is taken over. */
  readonly replace_dns: boolean;
}

type Io = World & { readonly signal: AbortSignal };

/** The records that lead the hostname somewhere now, without those that we deleted and a listing may still show. */
export async function recordsAt(io: Io, { hostname, zone }: Hostname): Promise<AddressRecord[]> {
  const name = relativeName(hostname, zone);
  const listed = await io.zones.recent(zone, io.call(io.signal));
  const here = listed.filter((record) => record.name.toLowerCase() === name);
  const ours = await released(
    io.db,
    here.map((record) => record.id),
  );
  return here.filter((record) => !ours.has(record.id)).toSorted((a, b) => a.id - b.id);
}

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
