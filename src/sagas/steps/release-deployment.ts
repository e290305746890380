import { z } from "zod";
import { dropSecrets, giveBack } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { disown, unlinkAll } from "#inventory/registration.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { move } from "#resources/ledger.ts";
import { heldForOwner } from "#resources/rows.ts";
import { step, type StepContext } from "../step-context.ts";
import type { OperationInput } from "./operation-input.ts";

interface Reads {
  readonly input: OperationInput;
}

const givenBack: ReadonlySet<string> = new Set([dropletKind, recordKind]);

/** The droplet and its record are left as they are, and are nothing of ours any more. */
export const releaseDeployment = step({
  name: "release_deployment",
  writes: z.object({}),

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const { deployment_id: id } = input;
    return inTransaction(async (tx) => {
      const now = io.clock.now();
      if (!(await giveBack(tx, id, io.saga.id, now)))
        throw new PermanentError("not_active", `Deployment ${id} is not active any more`);
      for (const row of await heldForOwner(tx, input)) if (givenBack.has(row.kind)) await move(tx, row, "left", now);
      await unlinkAll(tx, id);
      await disown(tx, input.droplet_id);
      await dropSecrets(tx, id);
      return {};
    });
  },

  /** Nothing to undo: once it has committed, the saga is complete. */
  async compensate() {},
});
