import type { DomainRecord } from "#digitalocean/domains.ts";
import { DigitalOceanError } from "#digitalocean/errors.ts";
import type { World } from "../world.ts";

type Io = World & { readonly signal: AbortSignal };

/** @returns the record, or undefined on a 404 */
export async function getRecord(io: Io, zone: string, id: number): Promise<DomainRecord | undefined> {
  try {
    return await io.digitalOcean.domains.records.get(zone, id, io.call(io.signal));
  } catch (error) {
    if (error instanceof DigitalOceanError && error.reason === "not_found") return undefined;
    throw error;
  }
}

/** Deletes a record; one that is gone already is as good as deleted. */
export async function deleteRecord(io: Io, zone: string, id: number): Promise<void> {
  try {
    await io.digitalOcean.domains.records.delete(zone, id, io.call(io.signal));
  } catch (error) {
    if (!(error instanceof DigitalOceanError && error.reason === "not_found")) throw error;
  }
}
