import { z } from "zod";
import { after } from "#clock.ts";
import { type Droplet, mayBeAmong } from "#providers/digitalocean/droplets.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import { fleetScope, looksSince } from "#inventory/looks.ts";
import { sightingOf } from "#inventory/sightings.ts";
import { installTag } from "#provider/handle.ts";
import { getDroplet } from "./droplet-search.ts";
import type { World } from "./step-context.ts";

/** How far the removal of one droplet has got; kept in the step's intent. Times as ISO strings. */
export const removalShape = z.object({
  deletes: z.int(),
  deleted_at: z.iso.datetime().nullable(),
  /** Looks of its own, where the fleet look does not show the droplet. */
  empty_looks: z.int(),
});
export type Removal = Readonly<z.output<typeof removalShape>>;

export const notBegun: Removal = { deletes: 0, deleted_at: null, empty_looks: 0 };

const firstPauseMs = 10_000;
const longestPauseMs = 10 * 60_000;

/** Many DELETEs of one droplet got accounts blocked (scrapoxy#32): one, then looks, then again ever more rarely. */
const pauseAfter = (deletes: number): number => Math.min(longestPauseMs, firstPauseMs * 2 ** (deletes - 1));

export interface Target {
  readonly id: number;
  /** What it is listed by where the fleet look does not show it; null: among all of the account. */
  readonly name: string | null;
  /** Whether a droplet that GET shows is the one that may be destroyed (rule 18). */
  readonly isOurs: (droplet: Droplet) => boolean;
  /** Before this, a 404 or an empty look may be a droplet too young to be seen. */
  readonly settledAt: Date;
  /** Whether the fleet look lists it, as long as it carries the install's tag. */
  readonly inFleet: boolean;
}

type Io = World & { readonly signal: AbortSignal };

/**
 * Destroys a droplet and proves it gone: two complete looks that do not show it and a 404, all begun after the DELETE
 * and the settle window (rules 17 and 18). Called again and again until it says "absent"; nothing is deleted before it was seen to be ours.
 * @param keep commits how far it got, under the fence
 * @throws {PermanentError} `not_ours` when the droplet of that id is somebody else's
 */
export async function remove(
  io: Io,
  target: Target,
  removal: Removal,
  keep: (removal: Removal) => Promise<void>,
): Promise<Snooze | "absent"> {
  const now = io.clock.now();
  const again = removal.deleted_at ? after(new Date(removal.deleted_at), pauseAfter(removal.deletes)) : now;
  const looked = await lookFor(io, target, removal);
  const { inFleet } = looked;
  if (looked.removal !== removal) await keep(looked.removal);
  // Asking by id costs a request: only when the looks say that it is gone, or that it outlived its DELETE.
  const outlived = looked.seenAt !== undefined && looked.seenAt > again;
  if (removal.deletes > 0 && looked.empty < 2 && !outlived) return waitForAbsence(io, target, inFleet);

  const droplet = await getDroplet(io, target.id);
  if (!droplet) {
    if (looked.empty >= 2) return "absent";
    return waitForAbsence(io, target, inFleet);
  }
  if (!target.isOurs(droplet))
    throw new PermanentError(
      "not_ours",
      `Droplet ${target.id} (${droplet.name}) carries none of our tags or names; it was not destroyed`,
    );
  if (now < again) return snooze(again, `droplet ${target.id} to disappear`, inFleet ? "fleet" : undefined);
  // Counted before it is sent: a DELETE whose answer is lost is one, and the next has to keep its distance.
  await keep({ deletes: removal.deletes + 1, deleted_at: io.clock.now().toISOString(), empty_looks: 0 });
  await sendDelete(io, target.id).catch(async (error: unknown) => {
    // A clear refusal did nothing: what follows from it is the engine's matter, not the droplet's.
    if (error instanceof DigitalOceanError && error.effect === "none") await keep(removal);
    throw error;
  });
  return waitForAbsence(io, target, inFleet);
}

/** A droplet that is `new` may refuse to be destroyed, and one that is gone cannot be: both are seen to by looking. */
async function sendDelete(io: Io, id: number): Promise<void> {
  try {
    await io.digitalOcean.droplets.delete(id, io.call(io.signal));
  } catch (error) {
    const passes = ["not_found", "pending_event", "retry_later", "conflict", "invalid"];
    if (!(error instanceof DigitalOceanError) || !passes.includes(error.reason)) throw error;
  }
}

interface Looked {
  /** Complete looks that count and have not shown the droplet since it was last seen. */
  readonly empty: number;
  readonly seenAt: Date | undefined;
  readonly removal: Removal;
  readonly inFleet: boolean;
}

async function lookFor(io: Io, target: Target, removal: Removal): Promise<Looked> {
  const sighting = await sightingOf(io.db, target.id);
  const seenAt = sighting?.observedAt;
  const times = [target.settledAt, seenAt, removal.deleted_at ? new Date(removal.deleted_at) : undefined];
  const since = new Date(Math.max(...times.map((time) => time?.getTime() ?? 0)));
  // Somebody may have taken our tag off it, or it is not there yet: the fleet look says nothing of it then.
  const inFleet = target.inFleet && sighting?.droplet.tags.includes(installTag(io.installId)) !== false;
  if (inFleet) return { empty: await looksSince(io.db, fleetScope, since, target.id), seenAt, removal, inFleet };

  const filter = target.name === null ? undefined : { name: target.name };
  const listing = await io.digitalOcean.droplets.list(filter, io.call(io.signal));
  const shown = listing.items.some((droplet) => droplet.id === target.id);
  const proves = !shown && !mayBeAmong(listing.unreadable, target.id) && listing.begunAt > since;
  const empty = proves ? removal.empty_looks + 1 : 0;
  return { empty, seenAt: shown ? listing.begunAt : seenAt, removal: { ...removal, empty_looks: empty }, inFleet };
}

function waitForAbsence(io: Io, target: Target, inFleet: boolean): Snooze {
  const now = io.clock.now();
  const { poll } = io.timing;
  const settling = target.settledAt > now;
  const until = inFleet ? after(settling ? target.settledAt : now, 3 * poll) : after(now, poll);
  const why = settling ? ": too young for its absence to be believed" : "";
  const waitingFor = `two looks that do not show droplet ${target.id}${why}`;
  return snooze(until, waitingFor, inFleet ? "fleet" : undefined);
}
