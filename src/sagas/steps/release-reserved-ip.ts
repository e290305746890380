import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { reservedIp } from "#resources/kinds/reserved-ip.ts";
import { remove } from "#resources/remove.ts";
import { step, type StepContext } from "../step-context.ts";

/** Once nobody is led to it any more: it goes to a stranger soon after. Of what the ledger has handed to this saga. */
export const releaseReservedIp = step({
  name: "release_reserved_ip",
  writes: z.object({}),

  execute: async (_reads: object, io: StepContext & Attempt<never>) => remove(io, reservedIp, async () => ({})),

  /** Goes forward only. */
  async compensate() {},
});
