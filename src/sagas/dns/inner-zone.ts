import { DigitalOceanError } from "#digitalocean/errors.ts";
import type { World } from "../world.ts";

/**
 * A zone of the account that lies within `zone` and holds the hostname: a nameserver that has both answers from the one
 * that is nearest to the name (RFC 1034, 4.3.2), whether `zone` delegates to it or not. Each is asked for by its name:
 * the list of domains comes with the whole text of every zone.
 */
export async function innerZoneOf(
  io: World & { readonly signal: AbortSignal },
  hostname: string,
  zone: string,
): Promise<string | undefined> {
  for (let name = hostname; name.endsWith(`.${zone}`); name = name.slice(name.indexOf(".") + 1))
    if (await isZone(io, name)) return name;
  return undefined;
}

async function isZone(io: World & { readonly signal: AbortSignal }, name: string): Promise<boolean> {
  try {
    await io.digitalOcean.domains.get(name, io.call(io.signal));
    return true;
  } catch (error) {
    if (error instanceof DigitalOceanError && error.reason === "not_found") return false;
    throw error;
  }
}
