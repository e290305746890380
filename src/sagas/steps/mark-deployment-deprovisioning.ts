import { z } from "zod";
import { confirmDeprovisioning } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: { readonly deployment_id: string };
}

export const markDeploymentDeprovisioning = step({
  name: "mark_deployment_deprovisioning",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    return inTransaction(async (tx) => {
      if (!(await confirmDeprovisioning(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_deprovisioning", `Deployment ${input.deployment_id} is not deprovisioning`);
      return {};
    });
  },

  /** Goes forward only. */
  async compensate() {},
});
