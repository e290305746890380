import { z } from "zod";
import type { Attempt } from "#engine/step.ts";
import { bring, putBack } from "#resources/bring.ts";
import { dropletTag } from "#resources/kinds/droplet-aspects.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { step, type World } from "../step-context.ts";
import { heldDroplet, type OperationInput, theDroplet } from "./droplet-of.ts";

interface Reads {
  readonly input: OperationInput;
}

/** What its adoption put on the droplet. */
export const untagDroplet = step({
  name: "untag_droplet",
  writes: z.object({}),

  async execute({ input }: Reads, io: World & Attempt<never>) {
    const row = await theDroplet(io, input.droplet_id);
    return bring(io, { row, aspect: dropletTag(installTag(io.installId)) }, { goal: false }, async () => ({}));
  },

  async compensate({ input }, io: World & Attempt<never>) {
    const row = await heldDroplet(io, input.droplet_id);
    return row && putBack(io, { row, aspect: dropletTag(installTag(io.installId)) });
  },
});
