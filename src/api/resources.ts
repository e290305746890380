import { z } from "zod";
import { id, providerId, region, text, timestamp } from "./fields.ts";
import { flag, pageOf, pageQuery, search } from "./page.ts";

/** A droplet of the account as we last saw it. */
export const resource = z
  .object({
    id,
    provider_id: z.int(),
    name: z.string(),
    status: z.string(),
    /** Null, as are the next two, where the provider does not tell. */
    region: z.string().nullable(),
    size_slug: z.string().nullable(),
    image: z.string().nullable(),
    public_ipv4: z.string().nullable(),
    tags: z.array(z.string()),
    /** False: not made by this installation. */
    managed: z.boolean(),
    deployment_id: id.nullable(),
    tenant_id: id.nullable(),
    first_seen_at: timestamp,
    last_seen_at: timestamp,
    deleted_at: timestamp.nullable(),
  })
  .meta({ id: "Resource" });
export type Resource = z.infer<typeof resource>;

/** Deleted ones are left out, unless with `deleted=true`, which lists only them, or `deleted=any`. */
export const resourceQuery = pageQuery.extend({
  provider_id: z.coerce.number().pipe(providerId).optional(),
  managed: flag.optional(),
  deleted: z.enum(["true", "false", "any"]).optional(),
  status: text(50).optional(),
  region: region.optional(),
  deployment_id: id.optional(),
  tenant_id: id.optional(),
  q: search.optional(),
});
export const resourcePage = pageOf(resource).meta({ id: "ResourcePage" });

export const syncRequested = z.object({ requested_at: timestamp }).meta({ id: "SyncRequested" });

/** A droplet that carries our install tag and that no live saga or deployment owns. */
export const orphan = z
  .object({
    provider_id: z.int(),
    name: z.string(),
    saga_id: id.nullable(),
    verdict: z.enum(["destroying", "destroyed", "alert"]),
    reason: z.string(),
    destroy_saga_id: id.nullable(),
    first_seen_at: timestamp,
    last_seen_at: timestamp,
  })
  .meta({ id: "Orphan" });
export type Orphan = z.infer<typeof orphan>;

export const orphanQuery = pageQuery;
export const orphanPage = pageOf(orphan).meta({ id: "OrphanPage" });
