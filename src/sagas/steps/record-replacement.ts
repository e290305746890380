import { z } from "zod";
import { respecify } from "#deployments/specification.ts";
import { putVariables } from "#deployments/variables.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type World } from "../step-context.ts";

/** As the API sealed them when they were asked for; null: they are as they were. */
export const sealedVariables = z.object({ names: z.array(z.string()), sealed: z.base64() }).nullable();

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly size_slug: string;
    readonly image: string;
    readonly ssh_keys: readonly (string | number)[];
    readonly release: string;
    readonly variables: z.output<typeof sealedVariables>;
  };
}

/** What the new droplet was made from is what the deployment is made from. */
export const recordReplacement = step({
  name: "record_specification",
  writes: z.object({}),

  async execute({ input }: Reads, io: World & Attempt<never>) {
    const { deployment_id, size_slug, image, ssh_keys, release, variables } = input;
    return inTransaction(async (tx) => {
      const at = io.clock.now();
      const change = { deployment_id, sagaId: io.saga.id, at };
      const made = { size_slug, image };
      if (!(await respecify(tx, change, { asked: { ...made, ssh_keys, release, adopted: false }, made })))
        throw new PermanentError("not_active", `Deployment ${deployment_id} is not active any more`);
      if (variables)
        await putVariables(tx, deployment_id, { ...variables, sealed: Buffer.from(variables.sealed, "base64") }, at);
      return {};
    });
  },

  /** Goes forward only. */
  async compensate() {},
});
