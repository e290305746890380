import { z } from "zod";
import { activate } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type StepContext } from "../step-context.ts";
import { adoptedDroplet, type AdoptionInput } from "./adopted-droplet.ts";

interface Reads {
  readonly input: AdoptionInput;
}

export const activateAdoptedDeployment = step({
  name: "activate_deployment",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    await adoptedDroplet(input, io);
    return inTransaction(async (tx) => {
      if (!(await activate(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_provisioning", `Deployment ${input.deployment_id} is not being adopted any more`);
      return {};
    });
  },

  /** Nothing to undo: once it has committed, the saga is complete. */
  async compensate() {},
});
