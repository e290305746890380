import { z } from "zod";
import { parkDeploymentDns } from "./steps/park-deployment-dns.ts";
import { saga } from "./step-context.ts";

export const parkingInput = z.object({
  deployment_id: z.uuid(),
  hostname: z.string(),
  provider_id: z.int(),
  region: z.string().nullable(),
  /** The droplet's, as the inventory has it. An earlier release compares it. */
  address: z.ipv4().nullable(),
  parking: z.ipv4(),
});

/** The droplet of an active deployment is gone, and no saga of ours destroyed it: its record is led nowhere. */
export const parkDeployment = saga("park_deployment", parkingInput).pivot(parkDeploymentDns);
