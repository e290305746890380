import type { AddressRecord } from "#fleet/zones.ts";
import {
  leadsAway,
  recordHandle,
  type RecordHandle,
  recordKind,
  relativeName,
  released,
} from "#resources/kinds/record-handle.ts";
import { PermanentError } from "#engine/failure.ts";
import { recheckSeen } from "#resources/rechecks.ts";
import type { StepContext } from "../step-context.ts";
import { recordsLeadingTo } from "./leading.ts";

export interface Hostname {
  readonly hostname: string;
  readonly zone: string;
  /** An admin allows that an A record which is there already is taken over. */
  readonly replace_dns: boolean;
}

type Io = StepContext & { readonly signal: AbortSignal };

/**
 * The records that lead the hostname somewhere now, without those that we deleted and a listing may still show.
 * @throws {PermanentError} `dns_conflict` where no record at the hostname would be asked for
 */
export async function recordsAt(io: Io, { hostname, zone }: Hostname): Promise<AddressRecord[]> {
  const name = relativeName(hostname, zone);
  const listed = await io.zones.recent(zone, name, io.call(io.signal));
  const redirection = listed.find((record) => leadsAway(record, name));
  if (redirection) throw new PermanentError("dns_conflict", describe(redirection, hostname));
  const here = listed.filter((record) => record.name.toLowerCase() === name && addressTypes.has(record.type));
  const ours = await released(io.db, here);
  // By a listing that lags; or because they are there after all, which is looked at at once.
  if (ours.size > 0) await recheckSeen(io.db, recordKind, [...ours].map(String), io.clock.now());
  return here.filter((record) => !ours.has(record.id)).toSorted((a, b) => a.id - b.id);
}

/** Of these, one at the hostname itself answers for it. Others (MX, TXT, SRV, CAA) may stand beside an A record. */
const addressTypes: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

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

/**
 * Another record of ours that leads to the address would lead its tenant's users to this droplet: whoever had the address
 * before has given it up, and the record has stayed.
 * @throws {PermanentError} `address_in_use`
 */
export async function refuseSharedAddress(io: Io, ours: RecordHandle, deploymentId: string): Promise<void> {
  const leading = await io.zones.leadingTo(ours.zone, ours.data);
  const there = leading.filter(({ name }) => name !== ours.name);
  const others = await recordsLeadingTo(io.db, ours, { deploymentId, ids: there.map(({ id }) => id) });
  const [other] = others;
  if (!other) return;
  const gone = others.filter(({ phase }) => phase === "gone").flatMap(({ provider_id: id }) => id ?? []);
  if (gone.length > 0) await recheckSeen(io.db, recordKind, gone, io.clock.now());
  const { hostname } = recordHandle.parse(other.handle);
  throw new PermanentError(
    "address_in_use",
    `${ours.data}, the address of the new droplet, is where our DNS record ${other.provider_id ?? ""} of ${hostname} leads: ` +
      "nothing was pointed to it. That record is being removed, or its deployment has to be; then ask again",
  );
}

/**
 * Two that point a hostname at the same moment, this installation and another, each have seen nobody before. What anybody
 * has read of the zone since shows them both: the younger record gives way.
 * @throws {PermanentError} `dns_conflict` when that is ours
 */
export async function giveWay(
  io: Io,
  { hostname, zone }: Pick<Hostname, "hostname" | "zone">,
  ours: { readonly id: number; readonly writtenAt: Date },
): Promise<void> {
  const name = relativeName(hostname, zone);
  const listed = (await io.zones.readSince(zone, name, ours.writtenAt)) ?? [];
  const here = listed.filter((record) => record.name.toLowerCase() === name && addressTypes.has(record.type));
  const gone = await released(io.db, here);
  const older = here.find(({ id }) => id < ours.id && !gone.has(id));
  if (!older) return;
  throw new PermanentError(
    "dns_conflict",
    `${hostname} was pointed to ${older.data} by somebody else at the same time as by us, and their record is the older one: ` +
      "ours gives way. Find out who else works on this zone, then choose who has the hostname",
  );
}
