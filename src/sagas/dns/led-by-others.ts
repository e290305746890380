import type { Db, Tx } from "#db/connection.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { isNotFound } from "#resources/kinds/zone-gone.ts";
import { liveRow } from "#resources/rows.ts";
import type { Working } from "../step-context.ts";

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
