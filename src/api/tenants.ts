import { z } from "zod";
import { hostnamePattern, id, slug, text, timestamp } from "./fields.ts";
import { labelFilter, labels } from "./labels.ts";
import { pageOf, pageQuery, search } from "./page.ts";

const hostnames = z.array(hostnamePattern).max(100);

export const tenant = z
  .object({
    id,
    slug: z.string(),
    name: z.string(),
    hostnames: z.array(z.string()),
    labels,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Tenant" });
export type Tenant = z.infer<typeof tenant>;

export const newTenant = z
  .strictObject({ slug, name: text(200), hostnames: hostnames.default([]), labels: labels.default({}) })
  .meta({ id: "NewTenant" });

/** What is left out stays as it is. The slug never changes. */
export const tenantChange = z
  .strictObject({ name: text(200), hostnames, labels })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "must change something: name, hostnames or labels")
  .meta({ id: "TenantChange" });

export const tenantQuery = pageQuery.extend({
  slug: slug.optional(),
  label: labelFilter.optional(),
  q: search.optional(),
});
export const tenantPage = pageOf(tenant).meta({ id: "TenantPage" });
