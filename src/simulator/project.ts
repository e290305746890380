import { z } from "zod";
import { seededUuid } from "./chance.ts";

export const environments = ["Development", "Staging", "Production"] as const;

export const projectSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  purpose: z.string(),
  environment: z.enum(environments),
  isDefault: z.boolean(),
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
});

/** Which project a resource was put into; what is in none of these is in the default one. */
export const placementSchema = z.object({ urn: z.string(), project: z.string(), at: z.number().int() });

export type Project = z.infer<typeof projectSchema>;
export type Placement = z.infer<typeof placementSchema>;

export const firstProject = (seed: number, now: number): Project => ({
  id: seededUuid(seed, "default project"),
  name: "Simulated Account",
  description: "",
  purpose: "Just trying out DigitalOcean",
  environment: "Development",
  isDefault: true,
  createdAt: now,
  updatedAt: now,
});
