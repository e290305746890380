import { z } from "zod";
import { respecify } from "#deployments/specification.ts";
import type { Attempt } from "#engine/step.ts";
import { bring, putBackOrKeep } from "#resources/bring.ts";
import { dropletSize } from "#resources/kinds/droplet-aspects.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { heldById, theHeld } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import type { OperationInput } from "./operation-input.ts";

interface Reads {
  readonly input: OperationInput & { readonly size_slug: string };
}

/** Of a droplet that is off. A size that cannot be had back stays, and is what the deployment has from then on. */
export const bringSize = step({
  name: "bring_size",
  writes: z.object({}),
  undoAfter: ["bring_power_back"],

  execute: async ({ input }: Reads, io: StepContext & Attempt<never>) => {
    const row = await theHeld(io.db, droplet, input.droplet_id);
    const { size_slug: known } = await io.db
      .selectFrom("deployments")
      .select("size_slug")
      .where("id", "=", input.deployment_id)
      .executeTakeFirstOrThrow();
    return bring(io, { row, aspect: dropletSize }, { goal: input.size_slug, known }, async () => ({}));
  },

  async compensate({ input }, io: StepContext & Attempt<never>) {
    const row = await heldById(io.db, droplet, input.droplet_id);
    if (!row) return undefined;
    const { size_slug } = input;
    return putBackOrKeep(io, { row, aspect: dropletSize }, async (tx) => {
      await respecify(
        tx,
        { ...input, sagaId: io.saga.id, at: io.clock.now() },
        { asked: { size_slug }, made: { size_slug } },
      );
    });
  },
});
