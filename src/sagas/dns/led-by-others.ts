import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { isNotFound } from "#resources/kinds/zone-gone.ts";
import { recheckSeen } from "#resources/rechecks.ts";
import { goneAmong, liveRow } from "#resources/rows.ts";
import type { StepContext, Working } from "../step-context.ts";

/**
 * A record that leads to the address and that nothing of ours answers for, by a fresh look at the zone: whoever has made it
 * would be led to a stranger once the address is given up.
 * @returns undefined also where the zone is not in the account any more
 */
export async function ledByOthers(
  io: Working,
  { zone, address }: { readonly zone: string; readonly address: string },
): Promise<AddressRecord | undefined> {
  try {
    await io.zones.look(zone, io.call(io.signal));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return knownToLead(io, zone, address);
}

/**
 * Waits until the record does not lead there any more. One that we have taken away and that is there after all, since its
 * DELETE had no effect and looks did not show it, is looked at at once, and taken away again.
 */
export async function untilLedNowhere(
  io: Pick<StepContext, "db" | "clock" | "timing">,
  { zone, address }: { readonly zone: string; readonly address: string },
  { id, name }: AddressRecord,
): Promise<Snooze> {
  const now = io.clock.now();
  const isOurs = (await goneAmong(io.db, recordKind, [String(id)])).length > 0;
  if (isOurs) await recheckSeen(io.db, recordKind, [String(id)], now);
  const why = isOurs ? "we removed it, it is there after all, and it is removed again" : "nobody but you removes it";
  const what = `record ${id} (${name}) of zone ${zone} to lead to ${address} no more: ${why}`;
  return snooze(after(now, Math.max(io.timing.poll, 60_000)), what);
}

/** As `ledByOthers`, by what was last read of the zone: that costs no request. */
export async function knownToLead(
  io: Pick<Working, "zones"> & { readonly db: Db | Tx },
  zone: string,
  address: string,
): Promise<AddressRecord | undefined> {
  for (const record of await io.zones.leadingTo(zone, address))
    if (!(await liveRow(io.db, recordKind, String(record.id)))) return record;
  return undefined;
}
