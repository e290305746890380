import { z } from "zod";
import { after } from "#clock.ts";
import { dropUserData } from "#deployments/lifecycle.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { register, unregister } from "#inventory/registration.ts";
import { sightingOf } from "#inventory/sightings.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import { step, type World } from "../step-context.ts";

interface Reads {
  readonly input: { readonly size_slug: string; readonly region: string; readonly image: string };
  readonly droplet_id: number;
}
type Io = World & Attempt<never>;

/** Into the inventory at once, not at the next sync, with what was asked for as its provisioned spec. */
export const registerDroplet = step({
  name: "register_droplet",
  writes: z.object({ cloud_resource_id: z.uuid() }),

  async execute({ input, droplet_id }: Reads, io: Io) {
    const { droplet, observedAt } = await fetchDroplet(droplet_id, io);
    const { size_slug, region, image } = input;
    return inTransaction(async (tx) => {
      const at = io.clock.now();
      const spec = { size_slug, region, image };
      const id = await register(tx, { id: io.ids.uuid(), droplet, observedAt, sagaId: io.saga.id, spec, at });
      // A deployment's user_data is kept until it is active; that of a droplet by itself has done its work.
      await dropUserData(tx, io.saga.id);
      return { cloud_resource_id: id };
    });
  },

  async compensate(_reads, io: Io) {
    return inTransaction((tx) => unregister(tx, io.saga.id));
  },
});

/** What the look that ended the wait saw, when it is fresh: no request of its own for each droplet. */
async function fetchDroplet(id: number, io: Io) {
  const now = io.clock.now();
  const sighting = await sightingOf(io.db, id);
  if (sighting?.droplet.public_ipv4 && after(sighting.observedAt, 3 * io.timing.poll) > now) return sighting;
  const droplet = await getDroplet(io, id);
  // One 404 does not prove it gone (rule 17): this is tried again.
  if (!droplet) throw new Error(`Droplet ${id}, which was active, is answered with a 404`);
  return { droplet, observedAt: now };
}
