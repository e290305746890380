import { type DropletCreate, mayBeAmong } from "#providers/digitalocean/droplets.ts";
import { DigitalOceanError, type Reason, removalOf, unlessMissing } from "#providers/digitalocean/errors.ts";
import { after } from "#clock.ts";
import { fleetScope, looksSince, pagesOfFleet } from "#inventory/looks.ts";
import { atOwnAddress } from "#inventory/own-address.ts";
import { recordSightings, sightingOf, type SeenDroplet } from "#inventory/sightings.ts";
import { dropletKind, type Handle, handleShape, installTag, matches } from "#resources/kinds/droplet-handle.ts";
import { countRemoving } from "../rows.ts";
import { latelyMs } from "../settling.ts";
import type { Asking, Kind, Looking } from "../kind.ts";

export type DropletSpec = Omit<DropletCreate, "name">;

/** A DELETE of one that is `new` may be refused, and one that is gone cannot be deleted: both are seen to by looking. */
const passes: ReadonlySet<Reason> = new Set(["pending_event", "retry_later", "conflict", "invalid"]);

/** DigitalOcean takes no idempotency key on a create: tag and name stand in for it (rule 13). */
export const droplet: Kind<Handle, DropletSpec, SeenDroplet> = {
  name: dropletKind,
  called: "droplet",
  handle: handleShape,

  async create(io, { name }, spec, call) {
    const made = await io.digitalOcean.droplets.create({ name, ...spec }, call);
    return String(made.id);
  },

  /**
   * By name and by tag: the name is there at once, the tag arrives later.
   * @throws {DigitalOceanError} `unexpected_answer` when one that cannot be read may be what is looked for
   */
  async find(io, handle) {
    const byName = await list(io, { name: handle.name });
    const byTag = await list(io, { tag_name: handle.tag });
    const found = new Map([...byName.items, ...byTag.items].map((it) => [it.id, it]));
    const ours = [...found.values()].filter((it) => matches(it, handle)).toSorted((a, b) => a.id - b.id);
    const [odd] = [...byName.unreadable, ...byTag.unreadable];
    if (ours.length === 0 && odd) throw notUnderstood(`listed as ${handle.name} or ${handle.tag}`, odd.fault);
    return { ids: ours.map(({ id }) => String(id)), begunAt: byName.begunAt };
  },

  get: (io, id) => getDroplet(io, Number(id)),

  isOurs: (seen, { origin, handle }) => origin === "taken_over" || matches(seen, handle),

  /** Among all of the account where the name is not known. */
  async look(io, id, { name }) {
    const { items, unreadable, begunAt } = await list(io, name === "" ? undefined : { name });
    const shown = items.some((it) => it.id === Number(id)) || mayBeAmong(unreadable, Number(id));
    return { shown, begunAt };
  },

  async shownLately(io, id) {
    const sighting = await sightingOf(io.db, Number(id));
    return sighting && after(sighting.observedAt, latelyMs) > io.clock.now() ? sighting.droplet : undefined;
  },

  /**
   * The look at the fleet shows it unless somebody has taken our tag off it, or it never had one. Where few are on their
   * way out of a large fleet, each is looked for by itself.
   */
  async shared(io, id, { origin }) {
    const sighting = await sightingOf(io.db, Number(id));
    if (origin === "taken_over" || sighting?.droplet.tags.includes(installTag(io.installId)) === false)
      return undefined;
    if ((await countRemoving(io.db, dropletKind)) < (await pagesOfFleet(io.db))) return undefined;
    return {
      mayMiss: true,
      seenAt: sighting?.observedAt,
      looksSince: (since) => looksSince(io.db, fleetScope, since, Number(id)),
      watch: "fleet",
    };
  },

  remove: (io, id, _handle, call) => removalOf(io.digitalOcean.droplets.delete(Number(id), call), passes),

  whenForeign: "stop",

  /** Its tag is kept for as long as a late one would still be found by it. */
  retire: (io, { tag }) => retireTag(io, tag),
};

/** One that is not there any more is gone. */
export async function retireTag(io: Asking, tag: string): Promise<void> {
  await unlessMissing(io.digitalOcean.tags.delete(tag, io.call(io.signal)));
}

type ByDroplet = Omit<Looking, "installId">;

async function list(io: ByDroplet, filter: Parameters<Looking["digitalOcean"]["droplets"]["list"]>[0]) {
  const listing = await io.digitalOcean.droplets.list(filter, io.call(io.signal));
  const items = await atOwnAddress(io.db, listing.items);
  await recordSightings(io.db, items, listing.begunAt);
  return { ...listing, items };
}

/** A droplet that does not tell what has to be known of it: asked again, it may. */
export const notUnderstood = (which: string, fault: string): DigitalOceanError =>
  new DigitalOceanError(`a droplet ${which} cannot be read (${fault})`, {
    method: "GET",
    route: "/v2/droplets",
    reason: "unexpected_answer",
    effect: "none",
  });

/** @returns undefined on a 404, which by itself proves nothing (rule 17) */
export async function getDroplet(io: ByDroplet, id: number): Promise<SeenDroplet | undefined> {
  const begunAt = io.clock.now();
  const shown = await unlessMissing(io.digitalOcean.droplets.get(id, io.call(io.signal)));
  if (!shown) return undefined;
  const found = await atOwnAddress(io.db, [shown]);
  await recordSightings(io.db, found, begunAt);
  return found[0];
}
