import { after } from "#clock.ts";
import { snooze } from "#engine/step.ts";
import { changeOf } from "#resources/changes.ts";
import { dnsRecord, recordValue } from "#resources/kinds/dns-record.ts";
import type { RecordHandle } from "#resources/kinds/record-handle.ts";
import { isBelievedGone } from "#resources/absence.ts";
import type { Held } from "#resources/ledger.ts";
import { heldThere } from "../held.ts";
import type { DnsIo } from "./io.ts";

/** The record of the deployment that the ledger holds as there. */
export const recordOf = (
  of: { readonly deployment_id: string },
  { db }: DnsIo,
): Promise<Held<RecordHandle> | undefined> => heldThere(db, dnsRecord, of);

/** What this step has begun to make of the record's value. */
export const changeBegun = (row: Held<RecordHandle>, io: DnsIo) =>
  changeOf(io.db, row, recordValue.name, { saga_id: io.saga.id, step: io.step });

/** What the record holds; undefined once looks and a 404 each say, for as long as the settle window, that it is not there (rule 17). */
export async function readRecord(row: Held<RecordHandle>, io: DnsIo) {
  const id = row.provider_id ?? "";
  const value = await recordValue.read(io, id, row.handle);
  const look = value ? { shown: true } : await dnsRecord.look(io, id, row.handle);
  const isGone = await isBelievedGone(io, row, look);
  if (value) return value;
  return isGone ? undefined : snooze(after(io.clock.now(), io.timing.poll), `DNS record ${id} to be shown`);
}
