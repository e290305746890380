import { z } from "zod";
import { activateAdoptedDeployment } from "./steps/activate-adopted-deployment.ts";
import { claimDeploymentDns } from "./steps/claim-deployment-dns.ts";
import { linkDeploymentResource } from "./steps/link-deployment-resource.ts";
import { registerAdoptedDroplet } from "./steps/register-adopted-droplet.ts";
import { tagDroplet } from "./steps/tag-droplet.ts";
import { verifyDroplet } from "./steps/verify-droplet.ts";
import { saga } from "./step-context.ts";

const input = z.object({
  deployment_id: z.uuid(),
  tenant_id: z.uuid(),
  hostname: z.string(),
  /** In which its record becomes ours; null: its DNS is kept as it is, and stays whose it is. */
  zone: z.string().nullable(),
  droplet_id: z.int(),
  /** As it was known when somebody asked for it: another by the same id is refused. */
  name: z.string(),
  address: z.ipv4(),
});

/** A droplet that is there already becomes a deployment's. Nothing of it is changed but a tag. */
export const adoptDeployment = saga("adopt_deployment", input)
  .step(verifyDroplet)
  .step(tagDroplet)
  .step(registerAdoptedDroplet)
  .step(linkDeploymentResource)
  .step(claimDeploymentDns, { when: ({ input: { zone } }) => zone !== null })
  .step(activateAdoptedDeployment);
