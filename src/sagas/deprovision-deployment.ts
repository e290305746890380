import { z } from "zod";
import { deleteVolume } from "./steps/delete-volume.ts";
import { destroyDroplet, doomedDroplet } from "./steps/destroy-droplet.ts";
import { markDeploymentDeprovisioning } from "./steps/mark-deployment-deprovisioning.ts";
import { powerOffDroplet } from "./steps/power-off-droplet.ts";
import { releaseReservedIp } from "./steps/release-reserved-ip.ts";
import { removeDeploymentDns } from "./steps/remove-deployment-dns.ts";
import { hasVolume, heldVolume, snapshotDoomedVolume } from "./steps/snapshot-volume.ts";
import { terminateDeployment } from "./steps/terminate-deployment.ts";
import { waitLedNowhere } from "./steps/wait-led-nowhere.ts";
import { saga } from "./step-context.ts";

const input = doomedDroplet.extend({
  deployment_id: z.uuid(),
  /** Its droplet was there before us, at this address; and the zone that is looked at for what leads there. */
  adopted: z.boolean().default(false),
  zone: z.string().nullable().default(null),
  address: z.string().nullable().default(null),
  volume: heldVolume,
  reserved_ip: z.boolean().default(false),
});

/** The way down: retried until done or stuck, never back. */
export const deprovisionDeployment = saga("deprovision_deployment", input)
  .pivot(markDeploymentDeprovisioning)
  .step(waitLedNowhere, { when: ({ input: { adopted } }) => adopted })
  .step(powerOffDroplet)
  .step(removeDeploymentDns)
  .step(destroyDroplet)
  .step(snapshotDoomedVolume, hasVolume)
  .step(deleteVolume, { when: ({ input: { volume } }) => Boolean(volume) })
  .step(releaseReservedIp, { when: ({ input: { reserved_ip: isReserved } }) => isReserved })
  .step(terminateDeployment);
