import { z } from "zod";
import { hostnamePattern, id, slug, text, timestamp } from "./fields.ts";
import { pageOf, pageQuery, search } from "./page.ts";

const hostnames = z.array(hostnamePattern).max(100);

export const tenant = z
  .object({
    id,
    slug: z.string(),
    name: z.string(),
    hostnames: z.array(z.string()),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Tenant" });
export type Tenant = z.infer<typeof tenant>;

export const newTenant = z
  .strictObject({ slug, name: text(200), hostnames: hostnames.default([]) })
  .meta({ id: "NewTenant" });

/** What is left out stays as it is. The slug never changes. */
export const tenantChange = z
  .strictObject({ name: text(200), hostnames })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "must change something: name or hostnames")
  .meta({ id: "TenantChange" });

export const tenantQuery = pageQuery.extend({ slug: slug.optional(), q: search.optional() });
export const tenantPage = pageOf(tenant).meta({ id: "TenantPage" });
