import { z } from "zod";
import { hostnamePattern, id, idPrefix, slug, text, timestamp } from "./fields.ts";
import { labelFilter, labels } from "./labels.ts";
import { quota } from "./quota.ts";
import { pageOf, pageQuery, search } from "./page.ts";

const hostnames = z.array(hostnamePattern).max(100);

export const tenant = z
  .object({
    id,
    slug: z.string(),
    name: z.string(),
    hostnames: z.array(z.string()),
    labels,
    /** Null: no quota of its own. */
    quota: quota.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Tenant" });
export type Tenant = z.infer<typeof tenant>;

export const newTenant = z
  .strictObject({ slug, name: text(200), hostnames: hostnames.default([]), labels: labels.default({}) })
  .meta({ id: "NewTenant" });

/** What is left out stays as it is; `quota: {}` lifts the quota. The slug never changes. */
export const tenantChange = z
  .strictObject({ name: text(200), hostnames, labels, quota })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "must change something: name, hostnames, labels or quota")
  .meta({ id: "TenantChange" });

export const tenantQuery = pageQuery.extend({
  id_prefix: idPrefix.optional(),
  slug: slug.optional(),
  label: labelFilter.optional(),
  q: search.optional(),
});
export const tenantPage = pageOf(tenant).meta({ id: "TenantPage" });
