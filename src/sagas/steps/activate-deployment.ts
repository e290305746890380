import { z } from "zod";
import { activate, dropUserData } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { giveWay } from "../dns/conflict.ts";
import { step, type StepContext } from "../step-context.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    readonly name: string;
    readonly hostname: string;
    readonly zone: string;
  };
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
  readonly dns_record_id: number;
  readonly dns_written_at: string;
}

export const activateDeployment = step({
  name: "activate_deployment",
  writes: z.object({}),
  /** A droplet that is answered with a 404 for this long, a minute at least, is not there any more. */
  budget: () => ({ tries: 8, ms: 10 * 60_000 }),

  async execute({ input, ...made }: Reads, io: StepContext & Attempt<never>) {
    await verifiedDroplet({ id: made.droplet_id, name: input.name, address: made.droplet_public_ip }, io);
    await giveWay(io, input, { id: made.dns_record_id, writtenAt: new Date(made.dns_written_at) });
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
