import type { DomainRecord } from "#digitalocean/domains.ts";
import { fullName } from "#dns/records.ts";
import { DigitalOceanError } from "#digitalocean/errors.ts";
import type { World } from "../world.ts";

type Io = World & { readonly signal: AbortSignal };

export interface Whereabouts {
  readonly zone: string;
  readonly id: number;
  /** Relative to the zone. */
  readonly name: string;
}

/**
 * @returns the record, or undefined when it is answered with a 404 and not listed either: one answer alone does not
 *   prove it gone, and a droplet must not go while a record of ours leads to it (rule 13)
 */
export async function findRecord(io: Io, { zone, id, name }: Whereabouts): Promise<DomainRecord | undefined> {
  const { records } = io.digitalOcean.domains;
  try {
    return await records.get(zone, id, io.call(io.signal));
  } catch (error) {
    if (!(error instanceof DigitalOceanError && error.reason === "not_found")) throw error;
    const filter = { name: fullName(name, zone), type: "A" };
    const { items } = await records.list(zone, filter, io.call(io.signal));
    return items.find((record) => record.id === id);
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
