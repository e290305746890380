import { z } from "zod";
import { saga } from "../step-context.ts";
import { anySaga } from "#engine/saga.ts";
import { bringPowerAsWanted } from "../steps/bring-power.ts";
import { waitHealthy } from "../steps/wait-new-droplet-healthy.ts";
import { markDeploymentPower } from "../steps/mark-deployment-power.ts";
import { hasCheck, healthInput, healthInputOf, inputOf, operation, operationInput } from "./operation.ts";

const input = operationInput.extend({ power: z.enum(["on", "off"]) });
const body = z.object({});

/** A customer who does not pay. All of it is undone when it fails: a droplet that does not turn off stays on, and is to. */
export const suspend = operation({
  saga: anySaga(saga("suspend_deployment", input).step(markDeploymentPower).step(bringPowerAsWanted)),
  power: "on",
  body,
  prepare: async (_tx, subject) => ({
    input: { ...inputOf(subject), power: "off" },
    preview: {
      does: [
        `Droplet ${subject.dropletId} is shut down; what has not stopped after a minute has its power taken away`,
        `${subject.deployment.hostname} answers nobody until it is unsuspended; its address, disk and DNS record stay`,
        "A droplet that is off is billed all the same",
      ],
      cannot_undo: [],
      interruption: "until it is unsuspended",
    },
  }),
});

export const unsuspend = operation({
  saga: anySaga(
    saga("unsuspend_deployment", input.extend(healthInput.shape))
      .step(markDeploymentPower)
      .step(bringPowerAsWanted)
      .step(waitHealthy, hasCheck),
  ),
  power: "off",
  body,
  prepare: async (_tx, subject) => ({
    input: { ...inputOf(subject), ...healthInputOf(subject), power: "on" },
    preview: {
      does: [
        `Droplet ${subject.dropletId} is powered on`,
        `${subject.deployment.hostname} answers again once it has booted`,
      ],
      cannot_undo: [],
      interruption: "until it has booted: it does not answer now either",
    },
  }),
});
