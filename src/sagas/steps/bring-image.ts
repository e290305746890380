import { z } from "zod";
import { respecify } from "#deployments/specification.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { sightingOf } from "#inventory/sightings.ts";
import { bring, putBack } from "#resources/bring.ts";
import { dropletImage } from "#resources/kinds/droplet-aspects.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { heldById, theHeld } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import type { OperationInput } from "./operation-input.ts";

interface Reads {
  readonly input: OperationInput & { readonly image: string };
  /** What is on its disk now. */
  readonly snapshot_id: string;
}

export const bringImageName = "bring_image";

/** What is on the disk is replaced; the way back is the snapshot that was taken of it. */
export const bringImage = step({
  name: bringImageName,
  writes: z.object({}),
  budget: () => ({ tries: 8, ms: 60 * 60_000 }),

  execute: async ({ input, snapshot_id }: Reads, io: StepContext & Attempt<never>) => {
    const row = await theHeld(io.db, droplet, input.droplet_id);
    return bring(io, { row, aspect: dropletImage }, { goal: input.image, back: snapshot_id }, async () => ({}));
  },

  async compensate({ input }, io: StepContext & Attempt<never>) {
    const row = await heldById(io.db, droplet, input.droplet_id);
    if (!row) return undefined;
    const waiting = await putBack(io, { row, aspect: dropletImage });
    if (waiting) return waiting;
    const image = (await sightingOf(io.db, input.droplet_id))?.droplet.image;
    return inTransaction(async (tx) => {
      // What is there is what is recorded: it came back as a snapshot.
      if (image) await respecify(tx, { ...input, sagaId: io.saga.id, at: io.clock.now() }, { made: { image } });
    });
  },
});
