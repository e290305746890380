import { z } from "zod";

export const reservedIpSchema = z.object({
  ip: z.ipv4(),
  region: z.string(),
  dropletId: z.number().int().nullable(),
});

export type ReservedIp = z.infer<typeof reservedIpSchema>;
