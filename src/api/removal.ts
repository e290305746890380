import { z } from "zod";

/** What the deletion of a deployment takes away at the provider, as far as the database knows now. */
export const removal = z
  .object({
    droplet: z
      .object({
        /** Null while it is being made and its id is not known yet. */
        provider_id: z.int().nullable(),
        name: z.string(),
        public_ipv4: z.string().nullable(),
      })
      .nullable(),
    dns_records: z.array(
      z.object({
        /** Null while it is being made. */
        id: z.int().nullable(),
        type: z.string(),
        name: z.string(),
        data: z.string(),
        /** In which it stands. */
        zone: z.string(),
        /** Seconds; null: the zone's. */
        ttl: z.int().nullable(),
      }),
    ),
    /** Released last: by then nobody is led to it any more. */
    reserved_ips: z
      .array(
        z.object({
          /** Null while it is being reserved. */
          ip: z.string().nullable(),
          region: z.string(),
        }),
      )
      .default([]),
    /** Deleted a day after the droplet that carried them. */
    tags: z.array(z.string()),
    /** True: a saga is at work, and there may be more or less of this by the time it turns round. */
    uncertain: z.boolean(),
    reason: z.string().nullable(),
  })
  .meta({ id: "Removal" });
export type Removal = z.infer<typeof removal>;
