import { z } from "zod";
import { id, moment, timestamp } from "./fields.ts";

export const costKeys = ["tenant", "deployment", "region"] as const;

/** The longest time that is reckoned at once, in days. */
export const longestCostDays = 400;

export const costsQuery = z.strictObject({
  /** Default: the start of `to`'s month, UTC. */
  from: moment.optional(),
  /** Default: now. */
  to: moment.optional(),
  by: z.enum(costKeys).default("tenant"),
  tenant_id: id.optional(),
});

export const cost = z.object({
  /** A tenant's or deployment's id, or a region; null for droplets that belong to none. */
  key: z.string().nullable(),
  /** A tenant's slug, a deployment's hostname, or the region again. */
  name: z.string().nullable(),
  /** For which there was a droplet. */
  hours: z.number(),
  usd: z.number(),
  /** Whether an end or a price in it is only as we saw it, or is not known yet. */
  estimated: z.boolean(),
});

/** What the provider charges for droplets, volumes and snapshots: by the second, at least a cent, at most 672 hours a month. */
export const costs = z
  .object({ from: timestamp, to: timestamp, items: z.array(cost), total_usd: z.number() })
  .meta({ id: "Costs" });
