import type { DomainRecord, RecordFilter } from "#providers/digitalocean/domains.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import { compare } from "#provider/account.ts";
import { readProvider } from "#provider/provider.ts";
import type { World } from "../step-context.ts";

type Io = World & { readonly signal: AbortSignal };

const isUnknown = (error: unknown): boolean => error instanceof DigitalOceanError && error.reason === "not_found";

/**
 * Whether the account, which is seen to be ours in the same look, does not have the zone. One look: who removes something
 * for it takes two (rule 17).
 */
async function isGone(io: Io, zone: string): Promise<boolean> {
  try {
    await io.digitalOcean.domains.get(zone, io.call(io.signal));
    return false;
  } catch (error) {
    if (!isUnknown(error)) throw error;
  }
  // With another account's token every zone looks gone.
  const { uuid, team_uuid } = await io.digitalOcean.account.get(io.call(io.signal));
  return compare({ user: uuid, team: team_uuid }, await readProvider(io.db)) === "ours";
}

/** The records of a zone that may have been removed from the account: its records are gone with it. */
export async function recordsIn(
  io: Io,
  zone: string,
  filter: RecordFilter,
): Promise<{ readonly items: readonly DomainRecord[]; readonly begunAt: Date }> {
  const begunAt = io.clock.now();
  try {
    return await io.digitalOcean.domains.records.list(zone, filter, io.call(io.signal));
  } catch (error) {
    if (isUnknown(error) && (await isGone(io, zone))) return { items: [], begunAt };
    throw error;
  }
}

/** Does what needs the zone. @throws {PermanentError} `zone_missing`, in place of a 404, where the account has none */
export async function clearAboutZone<T>(io: Io, zone: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnknown(error) || !(await isGone(io, zone))) throw error;
    const advice =
      "Add it to the account at DigitalOcean, or set ARCADIA_DOMAIN to a zone that is there, and ask again";
    throw new PermanentError("zone_missing", `The account does not have the zone ${zone}. ${advice}`, { cause: error });
  }
}
