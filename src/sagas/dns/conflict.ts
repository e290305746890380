import type { AddressRecord } from "#fleet/zones.ts";
import {
  leadsAway,
  recordHandle,
  type RecordHandle,
  recordKind,
  relativeName,
  released,
  asked,
} from "#resources/kinds/record-handle.ts";
import { isUntold } from "#providers/digitalocean/domains.ts";
import { findDeployment } from "#deployments/queries.ts";
import { PermanentError } from "#engine/failure.ts";
import { recheckRows, recheckSeen } from "#resources/rechecks.ts";
import { liveAmong, removingAt } from "#resources/rows.ts";
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
export const recordsAt = async (io: Io, it: Hostname): Promise<AddressRecord[]> => (await standingAt(io, it)).records;

/** As `recordsAt`. `late`: to where a record of ours leads that came late, or is on its way out, and is to be waited for. */
export async function standingAt(
  io: Io,
  { hostname, zone }: Hostname,
): Promise<{ readonly records: AddressRecord[]; readonly late: string | undefined }> {
  const name = relativeName(hostname, zone);
  const listed = await io.zones.recent(zone, name, io.call(io.signal));
  const redirection = listed.find((record) => leadsAway(record, name));
  if (redirection) throw new PermanentError("dns_conflict", describe(redirection, hostname));
  const own = await io.zones.ownZone(zone, name, io.call(io.signal));
  if (own) throw new PermanentError("dns_conflict", describeOwn(own, hostname, zone));
  const here = listed.filter((record) => record.name.toLowerCase() === name && addressTypes.has(record.type));
  const late = (await lateAt(io, zone, here)).map(({ data }) => data);
  const ours = await released(io.db, here);
  // By a listing that lags; or because they are there after all, which is looked at at once.
  if (ours.size > 0) await recheckSeen(io.db, recordKind, [...ours].map(String), io.clock.now());
  const records = here.filter(({ id, data }) => !ours.has(id) && !late.includes(data)).toSorted((a, b) => a.id - b.id);
  return { records, late: late[0] ?? (await removingAt(io.db, recordKind, { zone, name })) };
}

/** Of what stands there, what an earlier saga asked for and gave up: it is looked at at once, and removed. */
async function lateAt(io: Io, zone: string, here: readonly AddressRecord[]) {
  const held = await liveAmong(
    io.db,
    recordKind,
    here.map(({ id }) => String(id)),
  );
  const late = await asked(
    io.db,
    zone,
    here.filter(({ id, type }) => type === "A" && !held.has(String(id))),
  );
  if (late.length > 0)
    await recheckRows(
      io.db,
      late.map(({ row }) => row),
      io.clock.now(),
    );
  return late;
}

/** Of these, one at the hostname itself answers for it. Others (MX, TXT, SRV, CAA) may stand beside an A record. */
const addressTypes: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

const describe = ({ type, name, data }: AddressRecord, hostname: string): string =>
  `${hostname} is led elsewhere by the ${type} record of ${name} (${data}): an A record for it would not be asked for. ` +
  "Remove that record, or choose another hostname";

const describeOwn = (own: string, hostname: string, zone: string): string =>
  `${hostname} belongs to ${own}, which is a zone of its own in this account: an A record for it in ${zone} would not be ` +
  "asked for. Remove that zone, or choose another hostname";

/** Why these records forbid pointing the hostname to a droplet of ours; undefined when nothing does. */
export function conflictWith(
  records: readonly AddressRecord[],
  { hostname, replace_dns }: Hostname,
): string | undefined {
  const other = records.find((record) => record.type !== "A");
  if (other)
    return `${hostname} has a ${other.type} record already (${other.data}): remove it, an A record beside it would not do`;
  const untold = records.find(isUntold);
  if (untold)
    return (
      `${hostname} has an A record already (${untold.id}) of which DigitalOcean does not tell where it leads: nothing could ` +
      "put it back. Remove it, and ask again"
    );
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
  // What fails is told to the tenant: the hostnames of others are not. By its id an operator finds the record.
  const isOwn = other.tenant_id !== null && other.tenant_id === (await findDeployment(io.db, deploymentId))?.tenant_id;
  throw new PermanentError(
    "address_in_use",
    `${ours.data}, the address of the new droplet, is where our DNS record ${other.provider_id ?? ""}${isOwn ? ` of ${hostname}` : ""} leads: ` +
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
