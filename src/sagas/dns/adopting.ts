import { PermanentError } from "#engine/failure.ts";
import { inTransaction, Snooze } from "#engine/step.ts";
import { faultOfAdopted, recordKind, relativeName } from "#resources/kinds/record-handle.ts";
import { fresh, move, open } from "#resources/ledger.ts";
import { heldBy } from "#resources/kind.ts";
import { dnsRecord } from "#resources/kinds/dns-record.ts";
import { liveRow } from "#resources/rows.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { secondLook } from "../second-look.ts";
import { recordsAt, refuseSharedAddress } from "./conflict.ts";
import type { DnsIo } from "./io.ts";
import { clearAboutZone } from "./zone-gone.ts";

export interface Adopting {
  readonly deployment_id: string;
  readonly tenant_id: string;
  readonly hostname: string;
  readonly zone: string;
  readonly address: string;
}

/**
 * The one record that leads the hostname to the droplet, as it stands.
 * @throws {PermanentError} `dns_conflict` where there is none, another, or more than one, `zone_missing`
 */
export const adoptedRecord = (input: Adopting, io: DnsIo): Promise<AddressRecord | Snooze> =>
  secondLook(io, async () => {
    const at = { ...input, replace_dns: false };
    const [record, ...others] = await clearAboutZone(io, input.zone, () => recordsAt(io, at));
    const fault = faultOfAdopted(input, record ? [record, ...others] : []);
    if (record && fault === undefined) return record;
    throw new PermanentError("dns_conflict", `${fault ?? "no record"}; nothing was done`);
  });

/** Nothing of the record is changed: from now on the ledger has it as ours. */
export async function claimRecord(input: Adopting, io: DnsIo) {
  const { hostname, zone, deployment_id, tenant_id } = input;
  const record = await adoptedRecord(input, io);
  if (record instanceof Snooze) return record;
  const { id, type, data, ttl } = record;
  const handle = { zone, name: relativeName(hostname, zone), hostname, type, data, ttl };
  await refuseSharedAddress(io, handle, deployment_id);
  const now = io.clock.now();
  const whose = { deployment_id, tenant_id, saga_id: io.saga.id, step: io.step };
  const row = fresh(
    { ...whose, id: io.ids.uuid(), kind: recordKind, handle, origin: "adopted", phase: "there", provider_id: `${id}` },
    now,
  );
  return inTransaction(async (tx) => {
    if (await liveRow(tx, recordKind, `${id}`))
      throw new PermanentError("dns_conflict", `DNS record ${id} of ${hostname} is another deployment's`);
    await open(tx, row);
    await io.zones.wrote(tx, zone, { id, type, name: handle.name, data, ttl });
    return {};
  });
}

/** It stays as it is, and is whose it was. */
export async function giveRecordBack(io: DnsIo) {
  const rows = await heldBy(io, dnsRecord);
  return inTransaction(async (tx) => {
    for (const row of rows) await move(tx, row, "left", io.clock.now());
  });
}
