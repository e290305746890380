import { z } from "zod";
import { markPower } from "#deployments/specification.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type StepContext } from "../step-context.ts";
import type { Power } from "./bring-power.ts";

interface Reads {
  readonly input: { readonly deployment_id: string; readonly power: Power };
}

/** What the deployment is to be from now on: what differs from it is a deviation. */
export const markDeploymentPower = step({
  name: "mark_deployment_power",
  writes: z.object({ power_before: z.enum(["on", "off"]) }),
  undoAfter: "all",
  notByHand: "undo",

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    return inTransaction(async (tx) => {
      const change = { ...input, sagaId: io.saga.id, at: io.clock.now() };
      const before = await markPower(tx, change, input.power);
      if (!before) throw new PermanentError("not_active", `Deployment ${input.deployment_id} is not active any more`);
      return { power_before: before };
    });
  },

  async compensate({ input, power_before: before }, io: StepContext & Attempt<never>) {
    if (before === undefined) return undefined;
    return inTransaction(async (tx) => {
      await markPower(tx, { ...input, sagaId: io.saga.id, at: io.clock.now() }, before);
    });
  },
});
