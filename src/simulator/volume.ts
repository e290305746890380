import { z } from "zod";

export const volumeSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  region: z.string(),
  sizeGigabytes: z.number().int(),
  filesystemType: z.string(),
  filesystemLabel: z.string(),
  tags: z.array(z.string()),
  dropletId: z.number().int().nullable(),
  createdAt: z.number().int(),
});

export const volumeSnapshotSchema = z.object({
  id: z.string(),
  volumeId: z.string(),
  name: z.string(),
  region: z.string(),
  sizeGigabytes: z.number().int(),
  tags: z.array(z.string()),
  createdAt: z.number().int(),
});

export type Volume = z.infer<typeof volumeSchema>;
export type VolumeSnapshot = z.infer<typeof volumeSnapshotSchema>;
