import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { markDeleted } from "#inventory/registration.ts";
import { closeStray } from "#inventory/strays.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { remove } from "#resources/remove.ts";
import { step, type StepContext } from "../step-context.ts";

export const doomedDroplet = z.object({
  /** Null: the deployment has no droplet any more. */
  provider_id: z.int().nullable(),
  /** The name under which the inventory knows it. */
  name: z.string().nullable(),
  /** An admin wants a droplet gone that we did not make. */
  unmanaged: z.boolean(),
});

type Io = StepContext & Attempt<never>;

/** Of what the ledger has handed to this saga. */
export const destroyDroplet = step({
  name: "destroy_droplet",
  writes: z.object({}),

  execute: async (_reads: object, io: Io) =>
    remove(io, droplet, async (tx, removed) => {
      if (!removed) return {};
      const now = io.clock.now();
      const id = Number(removed.row.provider_id);
      await markDeleted(tx, id, now, io.saga.id);
      await closeStray(tx, id, now);
      return {};
    }),

  /** Irreversible: what is destroyed stays so. */
  async compensate(_reads, io: Io) {
    await io.note("A destroyed droplet cannot be brought back; nothing was undone");
  },
});
