import type { DomainRecord, RecordFilter } from "#providers/digitalocean/domains.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { compare } from "#provider/account.ts";
import { readProvider } from "#provider/provider.ts";
import type { Io } from "../kind.ts";

type Looking = Pick<Io, "digitalOcean" | "call" | "signal" | "db" | "clock">;

export const isNotFound = (error: unknown): boolean =>
  error instanceof DigitalOceanError && error.reason === "not_found";

/**
 * Whether the account, which is seen to be ours in the same look, does not have the zone. One look: who removes something
 * for it takes two (rule 17).
 */
export async function isGone(io: Pick<Io, "digitalOcean" | "db">, zone: string, call: Call): Promise<boolean> {
  try {
    await io.digitalOcean.domains.get(zone, call);
    return false;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  // With another account's token every zone looks gone.
  const { uuid, team_uuid } = await io.digitalOcean.account.get(call);
  return compare({ user: uuid, team: team_uuid }, await readProvider(io.db)) === "ours";
}

/** The records of a zone that may have been removed from the account: its records are gone with it. */
export async function recordsIn(
  io: Looking,
  zone: string,
  filter: RecordFilter,
): Promise<{ readonly items: readonly DomainRecord[]; readonly begunAt: Date }> {
  const begunAt = io.clock.now();
  try {
    return await io.digitalOcean.domains.records.list(zone, filter, io.call(io.signal));
  } catch (error) {
    if (isNotFound(error) && (await isGone(io, zone, io.call(io.signal)))) return { items: [], begunAt };
    throw error;
  }
}
