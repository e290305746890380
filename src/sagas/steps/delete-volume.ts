import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { volume } from "#resources/kinds/volume.ts";
import { remove } from "#resources/remove.ts";
import { step, type StepContext } from "../step-context.ts";

/**
 * Of what the ledger has handed to this saga: with it the data goes. Whoever asked for it has confirmed that by itself, its
 * droplet is proven gone, and its last snapshot is there.
 */
export const deleteVolume = step({
  name: "delete_volume",
  writes: z.object({}),

  execute: async (_reads: object, io: StepContext & Attempt<never>) => remove(io, volume, async () => ({})),

  /** Irreversible: what is deleted stays so. */
  async compensate() {},
});
