import { z } from "zod";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, snooze } from "#engine/step.ts";
import { fleetScope, looksSince, watchedScope } from "#inventory/looks.ts";
import { type SeenDroplet, sightingOf } from "#inventory/sightings.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import { untilLedBack } from "../no-way-back.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly droplet_id: number;
  readonly droplet_accepted_at: string;
}
type Io = StepContext & Attempt<never>;

/** `unknown`: the provider has not told this time. */
const booting = new Set(["new", "off", "active", "unknown"]);

/** Until the droplet is active and has a public IPv4: `active` may come first (terraform-provider PR#1598). */
export const waitDropletActive = step({
  name: "wait_droplet_active",
  writes: z.object({ droplet_public_ip: z.ipv4() }),
  undoAfter: untilLedBack,
  budget: (io: StepContext) => ({ tries: 8, ms: io.timing.waitActive }),

  async execute({ droplet_id, droplet_accepted_at }: Reads, io: Io) {
    const now = io.clock.now();
    const overdue = now >= io.deadline;
    // Before giving up, the droplet itself is asked: that nobody could look must not cost a healthy one.
    const asked = overdue ? await getDroplet(io, droplet_id) : undefined;
    const { seen, watching } = asked
      ? { seen: asked, watching: "" }
      : await latest(droplet_id, droplet_accepted_at, io);
    if (seen && !booting.has(seen.status))
      throw new PermanentError(
        "unexpected_droplet_status",
        `Droplet ${droplet_id} is ${seen.status}, neither starting nor active`,
      );
    if (seen?.status === "active" && seen.public_ipv4) return { droplet_public_ip: seen.public_ipv4 };
    const state = seen
      ? `${seen.status}${seen.status === "active" ? ", no public address yet" : ""}`
      : "not listed yet";
    if (overdue)
      throw new PermanentError(
        "droplet_active_timeout",
        `Droplet ${droplet_id} was not active with a public address in time (${state})`,
      );
    const next = after(now, Math.max(io.timing.settle, 3 * io.timing.poll));
    const until = next < io.deadline ? next : io.deadline;
    return snooze(until, `droplet ${droplet_id} to become active (${state})`, watching);
  },

  /** Waiting has no effect to undo. */
  async compensate() {},
});

/**
 * The droplet as last seen by the fleet look that all share. Asked for by id only when two looks, begun after the
 * settle window, have not shown it.
 * @throws {PermanentError} `placement_failed` when it is not there then either (rule 16)
 */
async function latest(id: number, acceptedAt: string, io: Io): Promise<{ seen?: SeenDroplet; watching: string }> {
  const sighting = await sightingOf(io.db, id);
  const settled = after(new Date(acceptedAt), io.timing.settle);
  const since = sighting && sighting.observedAt > settled ? sighting.observedAt : settled;
  const seen = sighting && { seen: sighting.droplet };
  if ((await looksSince(io.db, fleetScope, since, id)) < 2) {
    // One that nobody sees any more is missed by complete listings only, not by looks at it alone.
    const isMissed = (await looksSince(io.db, watchedScope, since, id)) >= 2;
    return { ...seen, watching: isMissed ? "fleet" : `droplet:${id}` };
  }
  const droplet = await getDroplet(io, id);
  if (droplet) return { seen: droplet, watching: `droplet:${id}` };
  throw sighting
    ? new PermanentError("droplet_vanished", `Droplet ${id} was there and is not any more; somebody destroyed it`)
    : new PermanentError(
        "placement_failed",
        `Droplet ${id} was accepted but never came into being: DigitalOcean could not place it`,
      );
}
