import { z } from "zod";
import { destroyDroplet, doomedDroplet } from "./steps/destroy-droplet.ts";
import { markDeploymentDeprovisioning } from "./steps/mark-deployment-deprovisioning.ts";
import { powerOffDroplet } from "./steps/power-off-droplet.ts";
import { removeDeploymentDns } from "./steps/remove-deployment-dns.ts";
import { terminateDeployment } from "./steps/terminate-deployment.ts";
import { saga } from "./step-context.ts";

const input = doomedDroplet.extend({ deployment_id: z.uuid() });

/** The way down: retried until done or stuck, never back. */
export const deprovisionDeployment = saga("deprovision_deployment", input)
  .pivot(markDeploymentDeprovisioning)
  .step(powerOffDroplet)
  .step(removeDeploymentDns)
  .step(destroyDroplet)
  .step(terminateDeployment);
