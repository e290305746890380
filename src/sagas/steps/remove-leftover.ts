import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import type { Attempt } from "#engine/step.ts";
import { allKinds } from "#resources/kinds/all.ts";
import { remove } from "#resources/remove.ts";
import { step, type StepContext } from "../step-context.ts";

export const leftover = z.object({
  kind: z.string(),
  /** At the provider. */
  id: z.string(),
});

/** What is left of something whose saga has ended: of what the ledger has handed to this saga. */
export const removeLeftover = step({
  name: "remove_leftover",
  writes: z.object({}),

  async execute({ input }: { readonly input: z.output<typeof leftover> }, io: StepContext & Attempt<never>) {
    const kind = allKinds.get(input.kind);
    if (!kind) throw new PermanentError("unknown_kind", `This release knows no ${input.kind}`);
    return remove(io, kind, async () => ({}));
  },

  /** Irreversible: what is removed stays so. */
  async compensate() {},
});
