import { z } from "zod";

/** An image of the account's own: a droplet's snapshot, or its backup. */
export const storedImageSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  type: z.enum(["snapshot", "backup"]),
  dropletId: z.number().int(),
  distribution: z.string(),
  description: z.string(),
  regions: z.array(z.string()),
  minDiskSize: z.number().int(),
  sizeGigabytes: z.number(),
  tags: z.array(z.string()),
  createdAt: z.number().int(),
  /** A droplet that was made from it goes on naming it. */
  deleted: z.boolean(),
});

export type StoredImage = z.infer<typeof storedImageSchema>;
