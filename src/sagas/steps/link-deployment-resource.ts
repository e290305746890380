import { z } from "zod";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { link, type Owner, unlink } from "#inventory/registration.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: Owner;
  readonly cloud_resource_id: string;
}

/** The resource shows under the deployment and bills to its tenant. */
export const linkDeploymentResource = step({
  name: "link_deployment_resource",
  writes: z.object({}),
  notByHand: "undo",

  async execute({ input, cloud_resource_id }: Reads, io: StepContext & Attempt<never>) {
    const { deployment_id, tenant_id } = input;
    return inTransaction(async (tx) => {
      if (!(await link(tx, cloud_resource_id, { deployment_id, tenant_id }, io.saga.id)))
        throw new PermanentError("resource_missing", `The inventory has no resource ${cloud_resource_id} to link`);
      return {};
    });
  },

  async compensate(_reads, io) {
    return inTransaction((tx) => unlink(tx, io.saga.id));
  },
});
