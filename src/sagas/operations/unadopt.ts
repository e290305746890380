import { z } from "zod";
import { anySaga } from "#engine/saga.ts";
import { Refusal } from "#refusal.ts";
import { releaseDeployment } from "../steps/release-deployment.ts";
import { untagDroplet } from "../steps/untag-droplet.ts";
import { saga } from "../step-context.ts";
import { inputOf, operation, operationInput } from "./operation.ts";

/** Gives an adopted droplet back: it and its record stay as they are. */
export const unadopt = operation({
  saga: anySaga(saga("unadopt_deployment", operationInput).step(untagDroplet).step(releaseDeployment)),
  body: z.object({}),
  async prepare(_tx, subject) {
    const { deployment, dropletId } = subject;
    if (!deployment.adopted)
      throw new Refusal(
        "illegal_transition",
        `Deployment ${deployment.id} was not adopted: its droplet was made here, and is destroyed with it; nothing was changed`,
      );
    return {
      input: inputOf(subject),
      preview: {
        does: [
          `Our tag is taken off droplet ${dropletId}; it runs on as it is, and is billed as before`,
          `The record of ${deployment.hostname} stays as it is`,
          "The deployment ends; nothing here looks after the droplet any more",
        ],
        cannot_undo: [],
        interruption: null,
      },
    };
  },
});
