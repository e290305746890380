import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { bring } from "#resources/bring.ts";
import { volumeAttachment } from "#resources/kinds/volume-aspects.ts";
import { volume } from "#resources/kinds/volume.ts";
import { theHeld } from "../held.ts";
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
    return bring(io, { row, aspect: volumeAttachment(input.droplet_id) }, { goal: true }, async () => ({}));
  },

  /** Goes forward only. */
  async compensate() {},
});
