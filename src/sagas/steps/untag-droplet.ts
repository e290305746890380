import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { bring, putBack } from "#resources/bring.ts";
import { dropletTag } from "#resources/kinds/droplet-aspects.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { heldById, theHeld } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import type { OperationInput } from "./operation-input.ts";

interface Reads {
  readonly input: OperationInput;
}

/** What its adoption put on the droplet. */
export const untagDroplet = step({
  name: "untag_droplet",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const row = await theHeld(io.db, droplet, input.droplet_id);
    return bring(io, { row, aspect: dropletTag(installTag(io.installId)) }, { goal: false }, async () => ({}));
  },

  async compensate({ input }, io: StepContext & Attempt<never>) {
    const row = await heldById(io.db, droplet, input.droplet_id);
    return row && putBack(io, { row, aspect: dropletTag(installTag(io.installId)) });
  },
});
