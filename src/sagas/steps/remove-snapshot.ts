import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { snapshot } from "#resources/kinds/snapshot.ts";
import { remove } from "#resources/remove.ts";
import { forgetSnapshot } from "#snapshots/queries.ts";
import { step, type World } from "../step-context.ts";

/** Of what the ledger has handed to this saga. */
export const removeSnapshot = step({
  name: "remove_snapshot",
  writes: z.object({}),

  execute: async (_reads: object, io: World & Attempt<never>) =>
    remove(io, snapshot, async (tx, removed) => {
      if (removed) await forgetSnapshot(tx, removed.row.id);
      return {};
    }),

  /** Goes forward only. */
  async compensate() {},
});
