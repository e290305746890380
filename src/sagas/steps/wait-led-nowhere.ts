import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { ledByOthers, untilLedNowhere } from "../dns/led-by-others.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: { readonly zone?: string | null; readonly address?: string | null };
}

/**
 * Of an adopted droplet others may have records that lead to it, of which nobody told us: it is not destroyed while a fresh
 * look at the zone shows one. Our own goes by itself.
 */
export const waitLedNowhere = step({
  name: "wait_led_nowhere",
  writes: z.object({}),
  budget: () => ({ tries: 8, ms: 60 * 60_000 }),

  async execute({ input: { zone, address } }: Reads, io: StepContext & Attempt<never>) {
    if (!zone || !address) return {};
    const other = await ledByOthers(io, { zone, address });
    return other ? untilLedNowhere(io, { zone, address }, other) : {};
  },

  /** Goes forward only. */
  async compensate() {},
});
