import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { disown, register } from "#inventory/registration.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { step, type StepContext } from "../step-context.ts";
import { adoptedDroplet, type AdoptionInput } from "./adopted-droplet.ts";

type Io = StepContext & Attempt<never>;

interface Reads {
  readonly input: AdoptionInput;
  readonly size_slug: string;
  readonly region: string;
  readonly image: string;
}

/** It counts as ours in the inventory; what it is now is what it is to be. */
export const registerAdoptedDroplet = step({
  name: "register_droplet",
  writes: z.object({ cloud_resource_id: z.uuid() }),

  async execute({ input, size_slug, region, image }: Reads, io: Io) {
    const { droplet: seen, observedAt } = await adoptedDroplet(input, io);
    // A look that is older than the tag does not show it.
    const droplet = { ...seen, tags: [...new Set([...seen.tags, installTag(io.installId)])] };
    return inTransaction(async (tx) => {
      const at = io.clock.now();
      const spec = { size_slug, region, image };
      const id = await register(tx, { id: io.ids.uuid(), droplet, observedAt, sagaId: io.saga.id, spec, at });
      if (id === undefined)
        throw new PermanentError(
          "droplet_registered",
          `Droplet ${droplet.id} is in the inventory as another saga's; its row was not touched`,
        );
      return { cloud_resource_id: id };
    });
  },

  async compensate({ input }, io: Io) {
    return inTransaction((tx) => disown(tx, input.droplet_id, io.saga.id));
  },
});
