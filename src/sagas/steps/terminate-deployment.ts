import { z } from "zod";
import { dropSecrets, terminate } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: { readonly deployment_id: string };
}

export const terminateDeployment = step({
  name: "terminate_deployment",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    return inTransaction(async (tx) => {
      if (!(await terminate(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_deprovisioning", `Deployment ${input.deployment_id} is not deprovisioning`);
      await dropSecrets(tx, input.deployment_id);
      return {};
    });
  },

  /** Goes forward only. */
  async compensate() {},
});
