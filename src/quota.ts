import { z } from "zod";

const slugs = z
  .array(
    z
      .string()
      .min(1)
      .max(100)
      .regex(/^[a-z0-9][a-z0-9._-]*$/, "must be a slug of the provider's catalogue"),
  )
  .max(200);

/** What a tenant may have at once. What is left out is not limited; pending deployments and those under way count. */
export const quota = z.strictObject({
  max_deployments: z.int().min(0).max(1_000_000).optional(),
  max_monthly_usd: z
    .number()
    .min(0)
    .max(1e9)
    .optional()
    .describe(
      "US dollars a month for droplets, their backups and volumes, by the provider's catalogue, and for all snapshots that are " +
        "kept, by what they hold. What makes nothing dearer is not refused for it",
    ),
  allowed_sizes: slugs.optional(),
  allowed_regions: slugs.optional(),
});
export type Quota = Readonly<z.output<typeof quota>>;
