import { z } from "zod";
import { activate } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { foreignMark } from "#resources/kinds/droplet-handle.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import { secondLook } from "../second-look.ts";
import { step, type StepContext } from "../step-context.ts";
import { adoptedDroplet, type AdoptionInput } from "./adopted-droplet.ts";

interface Reads {
  readonly input: AdoptionInput;
}

/**
 * Two installations that adopt a droplet at the same moment have each seen no mark of the other's: once ours is there, a look
 * of this very moment shows whether another is. @throws {PermanentError} `not_adoptable`
 */
async function refuseMarked({ droplet_id: id }: AdoptionInput, io: StepContext & Attempt<never>): Promise<undefined> {
  const seen = await getDroplet(io, id);
  const mark = seen && foreignMark(seen, io.installId);
  if (mark === undefined) return;
  throw new PermanentError(
    "not_adoptable",
    `Droplet ${id} carries the tag ${mark} by now: another installation is adopting it too, and this one gives way. ` +
      "Find out who else works on this account, then adopt it from one of them",
  );
}

export const activateAdoptedDeployment = step({
  name: "activate_deployment",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    await adoptedDroplet(input, io);
    const waiting = await secondLook(io, () => refuseMarked(input, io));
    if (waiting) return waiting;
    return inTransaction(async (tx) => {
      if (!(await activate(tx, input.deployment_id, io.saga.id, io.clock.now())))
        throw new PermanentError("not_provisioning", `Deployment ${input.deployment_id} is not being adopted any more`);
      return {};
    });
  },

  /** Nothing to undo: once it has committed, the saga is complete. */
  async compensate() {},
});
