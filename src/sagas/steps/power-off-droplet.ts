import { z } from "zod";
import { after } from "#clock.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { type Attempt, snooze, Snooze } from "#engine/step.ts";
import { dropletWatched } from "#fleet/watchers.ts";
import { type SeenDroplet, sightingOf } from "#inventory/sightings.ts";
import { heldForOwner } from "#resources/rows.ts";
import { latelyMs, sendWithinMs } from "#resources/settling.ts";
import { droplet, getDroplet } from "#resources/kinds/droplet.ts";
import { step, type StepContext } from "../step-context.ts";
import type { HeldVolume } from "./snapshot-volume.ts";

interface Reads {
  readonly input: { readonly deployment_id: string; readonly volume?: HeldVolume };
}

type Io = StepContext & Attempt<never>;

/**
 * Asks for the power of what is to be destroyed to be taken away: until its record is forgotten everywhere (rule 20), users
 * are still led to it, and it is to serve nobody. The system of one with a volume is asked to stop by itself, so that what
 * it has not written yet is in the last snapshot. No more than that depends on it: what refuses, or is not clearly
 * answered, holds up no removal.
 */
export const powerOffDroplet = step({
  name: "power_off_droplet",
  writes: z.object({}),

  async execute({ input }: Reads, io: Io) {
    if (!io.timing.drain && !input.volume) return {};
    const type = input.volume ? "shutdown" : "power_off";
    const rows = await heldForOwner(io.db, input);
    for (const { kind, provider_id: id, ...row } of rows) {
      if (kind !== droplet.name || id === null) continue;
      const handle = droplet.handle.parse(row.handle);
      const seen = await seenOf(Number(id), io);
      if (seen instanceof Snooze) return seen;
      if (!seen || seen.status === "off" || !droplet.isOurs(seen, { ...row, kind, provider_id: id, handle })) continue;
      try {
        const notAfter = after(io.clock.now(), sendWithinMs);
        await io.digitalOcean.actions.start(Number(id), { type }, io.call(io.signal, { notAfter }));
      } catch (error) {
        if (!(error instanceof DigitalOceanError) || error.reason === "rate_limited" || io.signal.aborted) throw error;
        await io.note(`Droplet ${id} could not be powered off (${error.message}); it serves until it is destroyed`);
      }
    }
    return {};
  },

  /** Goes forward only. */
  async compensate() {},
});

/** How long a look that all share is waited for. Polls. */
const patience = 3;

/**
 * As such a look shows it, lately or since the step began: where many are removed at once, one look tells of all of them,
 * also of those that wait for room then. What none shows is asked by its id.
 */
async function seenOf(id: number, io: Io): Promise<SeenDroplet | undefined | Snooze> {
  const sighting = await sightingOf(io.db, id);
  const now = io.clock.now();
  const isRecent = (at: Date): boolean => after(at, latelyMs) > now || at >= io.startedAt;
  if (sighting && isRecent(sighting.observedAt)) return sighting.droplet;
  const until = after(io.startedAt, patience * io.timing.poll);
  return now < until ? snooze(until, `a look at droplet ${id}`, dropletWatched(id)) : getDroplet(io, id);
}
