import { z } from "zod";
import { hostname, id, providerId } from "./fields.ts";

/** `manage`: the record at the hostname becomes ours, as it stands. `keep`: it stays whose it is. */
export const dnsModes = ["keep", "manage"] as const;

export const adoption = z
  .strictObject({ tenant_id: id, provider_id: providerId, hostname, dns: z.enum(dnsModes) })
  .meta({ id: "Adoption" });

export const adoptionQuery = z.strictObject({ preview: z.stringbool().default(false) });

/** What an adoption would do, as far as the inventory and the zone were read. */
export const adoptionPreview = z
  .object({
    tenant_id: id,
    hostname: z.string(),
    dns: z.enum(dnsModes),
    droplet: z.object({
      provider_id: z.int(),
      name: z.string(),
      region: z.string(),
      size_slug: z.string(),
      image: z.union([z.int(), z.string()]),
      public_ipv4: z.string(),
    }),
    steps: z.array(z.string()),
    /** For people. */
    does: z.array(z.string()),
    /** What may be so, and is not known here. */
    cannot_see: z.array(z.string()),
  })
  .meta({ id: "AdoptionPreview" });
export type AdoptionPreview = z.infer<typeof adoptionPreview>;
