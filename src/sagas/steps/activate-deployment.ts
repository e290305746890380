import { z } from "zod";
import { activate, dropUserData } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type World } from "../step-context.ts";

interface Reads {
  readonly input: { readonly deployment_id: string };
}

export const activateDeployment = step({
  name: "activate_deployment",
  writes: z.object({}),

  async execute({ input }: Reads, io: World & Attempt<never>) {
    return inTransaction(async (tx) => {
      if (!(await activate(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_provisioning", `Deployment ${input.deployment_id} is not provisioning any more`);
      await dropUserData(tx, input.deployment_id);
      return {};
    });
  },

  /** Nothing to undo: once it has committed, the saga is complete. */
  async compensate() {},
});
