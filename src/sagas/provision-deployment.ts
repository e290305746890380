import { z } from "zod";
import { storedCheck } from "#probes/check.ts";
import { activateDeployment } from "./steps/activate-deployment.ts";
import { assignReservedIp } from "./steps/assign-reserved-ip.ts";
import { createDroplet, dropletSpec } from "./steps/create-droplet.ts";
import { createVolume, volumeInput } from "./steps/create-volume.ts";
import { linkDeploymentResource } from "./steps/link-deployment-resource.ts";
import { markDeploymentProvisioning } from "./steps/mark-deployment-provisioning.ts";
import { pointDeploymentDns } from "./steps/point-deployment-dns.ts";
import { registerDroplet } from "./steps/register-droplet.ts";
import { reserveIp } from "./steps/reserve-ip.ts";
import { waitNewDropletHealthy } from "./steps/wait-new-droplet-healthy.ts";
import { waitDropletActive } from "./steps/wait-droplet-active.ts";
import { claimants } from "#tenants/hostnames.ts";
import { saga } from "./step-context.ts";

const input = dropletSpec.extend({
  deployment_id: z.uuid(),
  tenant_id: z.uuid(),
  hostname: z.string(),
  zone: z.string(),
  replace_dns: z.boolean(),
  /** A saga that an earlier release began keeps what it was allowed then. */
  claimed_by: z.enum(claimants).default("admin"),
  /** What it runs: nothing reads this but people, and who asks what a release is used for. */
  release: z.string().nullable().default(null),
  health_check: storedCheck.nullable().default(null),
  volume: volumeInput,
  /** Whether the hostname leads to an address that outlives the droplet. */
  reserved_ip: z.boolean().default(false),
});

const isReserved = { when: (of: { readonly input: { readonly reserved_ip: boolean } }) => of.input.reserved_ip };

/** A tenant's whole deployment; a failure anywhere rolls all of it back. */
export const provisionDeployment = saga("provision_deployment", input)
  .step(markDeploymentProvisioning)
  .step(createVolume, { when: ({ input: { volume } }) => Boolean(volume) })
  .step(reserveIp, isReserved)
  .step(createDroplet)
  .step(waitDropletActive)
  .step(registerDroplet)
  .step(linkDeploymentResource)
  .step(assignReservedIp, isReserved)
  .step(waitNewDropletHealthy, { when: ({ input: { health_check: check } }) => check !== null })
  .step(pointDeploymentDns)
  .step(activateDeployment);
