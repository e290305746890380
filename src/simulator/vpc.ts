import { z } from "zod";
import { regionSlugs } from "./catalogue-regions.ts";
import { seededUuid } from "./chance.ts";

export const vpcSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  region: z.string(),
  ipRange: z.string(),
  isDefault: z.boolean(),
  createdAt: z.number().int(),
});

export type Vpc = z.infer<typeof vpcSchema>;

/** Where a droplet goes that names no VPC. */
export const defaultVpcId = (seed: number, region: string): string => seededUuid(seed, `vpc ${region}`);

/** Each region has one. */
export const defaultVpcs = (seed: number, now: number): Vpc[] =>
  regionSlugs.map((region, index) => ({
    id: defaultVpcId(seed, region),
    name: `default-${region}`,
    description: "",
    region,
    ipRange: `10.${100 + index}.0.0/20`,
    isDefault: true,
    createdAt: now,
  }));
