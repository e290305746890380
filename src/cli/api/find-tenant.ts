import { id, slug } from "#api/fields.ts";
import { paths } from "#api/paths.ts";
import { type Tenant, tenant } from "#api/tenants.ts";
import { NotFound } from "#cli/failure.ts";
import type { Api } from "./client.ts";
import { idOf, kinds } from "./find-by-id.ts";
import { list } from "./pages.ts";

/** The id of a tenant named by its slug, its id or the beginning of it. @throws {NotFound} when there is none, {Failure} when several could be meant */
export async function tenantId(api: Api, reference: string): Promise<string> {
  const asId = id.safeParse(reference);
  if (asId.success) return asId.data;
  const found = (await tenantBySlug(api, reference))?.id ?? (await idOf(api, kinds.tenant, reference));
  if (found === undefined) throw new NotFound(`There is no tenant ${reference}; see arcadia tenants list`);
  return found;
}

export async function tenantBySlug(api: Api, reference: string): Promise<Tenant | undefined> {
  if (!slug.safeParse(reference).success) return undefined;
  const { value } = await list(api, paths.tenants, tenant, { slug: reference }, {});
  return value.items[0];
}

/** The slugs of the tenants with these ids, for people to read. */
export async function tenantSlugs(
  api: Api,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string | null, string>> {
  const wanted = new Set(ids.filter((it) => it !== null));
  const slugs = new Map<string | null, string>();
  let cursor: string | undefined;
  while (slugs.size < wanted.size) {
    const { value } = await list(api, paths.tenants, tenant, {}, { limit: 200, ...(cursor && { cursor }) });
    for (const it of value.items) if (wanted.has(it.id)) slugs.set(it.id, it.slug);
    if (value.next_cursor === null) break;
    cursor = value.next_cursor;
  }
  return slugs;
}
