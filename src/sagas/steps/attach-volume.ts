import { z } from "zod";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { bring } from "#resources/bring.ts";
import { volumeAttachment } from "#resources/kinds/volume-aspects.ts";
import { volume } from "#resources/kinds/volume.ts";
import { theHeld } from "../held.ts";
import { refusedSinceGone } from "../no-way-back.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: { readonly droplet_id: number; readonly volume_id: string };
}

/** To the droplet that serves its deployment. */
export const attachVolume = step({
  name: "attach_volume",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const row = await theHeld(io.db, volume, input.volume_id);
    const { droplet_id } = input;
    try {
      return await bring(io, { row, aspect: volumeAttachment(droplet_id) }, { goal: true }, async () => ({}));
    } catch (error) {
      const waiting = await refusedSinceGone(error, { droplet_id, region: row.handle.region }, undefined, io);
      if (waiting) return waiting;
      // What its hostname leads to is seen to once nothing of it runs.
      await io.note(`Droplet ${droplet_id} is gone: volume ${input.volume_id} is attached to none`);
      return inTransaction(async () => ({}));
    }
  },

  /** Goes forward only. */
  async compensate() {},
});
