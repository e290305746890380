import { z } from "zod";
import { dropUserData } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { register, unregister } from "#inventory/registration.ts";
import { untilLedBack } from "../no-way-back.ts";
import { step, type StepContext } from "../step-context.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: {
    readonly name: string;
    readonly size_slug: string;
    readonly region: string;
    readonly image: string;
  };
  readonly droplet_id: number;
}
type Io = StepContext & Attempt<never>;

/** Into the inventory at once, not at the next sync, with what was asked for as its provisioned spec. */
export const registerDroplet = step({
  name: "register_droplet",
  writes: z.object({ cloud_resource_id: z.uuid() }),
  undoAfter: untilLedBack,

  async execute({ input, droplet_id }: Reads, io: Io) {
    const { droplet, observedAt } = await verifiedDroplet({ id: droplet_id, name: input.name }, io);
    const { size_slug, region, image } = input;
    return inTransaction(async (tx) => {
      const at = io.clock.now();
      const spec = { size_slug, region, image };
      const id = await register(tx, { id: io.ids.uuid(), droplet, observedAt, sagaId: io.saga.id, spec, at });
      if (id === undefined)
        throw new PermanentError(
          "droplet_registered",
          `Droplet ${droplet_id} is in the inventory as another saga's; its row was not touched`,
        );
      // A deployment's user_data is kept until it is active; that of a droplet by itself has done its work.
      await dropUserData(tx, io.saga.id);
      return { cloud_resource_id: id };
    });
  },

  async compensate(_reads, io: Io) {
    return inTransaction((tx) => unregister(tx, io.saga.id));
  },
});
