import { z } from "zod";
import { defaultKeepDays } from "#keep-days.ts";
import { flag } from "./page.ts";

export { defaultKeepDays };

/**
 * `delete_volume=true`: the volume of an active deployment, and the data on it, may go; without that it is a 409. A last
 * snapshot of it is kept for `keep_snapshot_days`; 0: none is taken.
 */
export const removalQuery = z.strictObject({
  delete_volume: flag.default(false),
  keep_snapshot_days: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number of days, 0 to 365")
    .transform(Number)
    .pipe(z.int().max(365))
    .default(defaultKeepDays),
});

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
    /** Deleted after the droplet, when `delete_volume=true` says that its data may go. */
    volume: z
      .object({
        provider_id: z.string().nullable(),
        name: z.string(),
        size_gib: z.int().nullable(),
        /** US dollars a month that a last snapshot costs at most: it is billed by what it holds. Null: not known. */
        snapshot_usd_at_most: z.number().nullable(),
      })
      .nullable(),
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
