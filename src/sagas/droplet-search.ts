import type { Droplet } from "#providers/digitalocean/droplets.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { recordSightings } from "#inventory/sightings.ts";
import { type Handle, matches } from "#provider/handle.ts";
import type { World } from "./step-context.ts";

type Searching = Pick<World, "digitalOcean" | "call" | "db" | "clock"> & { readonly signal: AbortSignal };

/**
 * One complete look for what a saga made, by name and by tag: the name is there at once, the tag arrives later.
 * @returns what matches, lowest id first, and when the look began
 */
export async function findByHandle(
  io: Searching,
  handle: Handle,
): Promise<{ readonly found: readonly Droplet[]; readonly begunAt: Date }> {
  const { droplets } = io.digitalOcean;
  const byName = await droplets.list({ name: handle.name }, io.call(io.signal));
  const byTag = await droplets.list({ tag_name: handle.tag }, io.call(io.signal));
  const { begunAt } = byName;
  const found = new Map([...byName.items, ...byTag.items].map((droplet) => [droplet.id, droplet]));
  await recordSightings(io.db, [...found.values()], begunAt);
  const ours = [...found.values()].filter((droplet) => matches(droplet, handle));
  const [odd] = [...byName.unreadable, ...byTag.unreadable];
  // It may be what is looked for: a look that could not read it has not found nothing.
  if (ours.length === 0 && odd)
    throw new DigitalOceanError(
      `a droplet that is listed as ${handle.name} or ${handle.tag} cannot be read (${odd.fault})`,
      {
        method: "GET",
        route: "/v2/droplets",
        reason: "unexpected_answer",
        effect: "none",
      },
    );
  return { found: ours.toSorted((a, b) => a.id - b.id), begunAt };
}

/** @returns undefined on a 404, which by itself proves nothing (rule 17) */
export async function getDroplet(io: Searching, id: number): Promise<Droplet | undefined> {
  const begunAt = io.clock.now();
  try {
    const droplet = await io.digitalOcean.droplets.get(id, io.call(io.signal));
    await recordSightings(io.db, [droplet], begunAt);
    return droplet;
  } catch (error) {
    if (error instanceof DigitalOceanError && error.reason === "not_found") return undefined;
    throw error;
  }
}
