import type { Claimant } from "#tenants/hostnames.ts";
import type { TokenRow } from "#tokens/queries.ts";

/** Who makes a request, by its token. */
export interface Caller {
  readonly tokenId: string;
  readonly name: string;
  readonly role: TokenRow["role"];
  /** Set: the caller sees and touches this tenant only. */
  readonly tenantId: string | null;
}

/** An admin over everything, not of one tenant. */
export const isGlobalAdmin = (caller: Caller): boolean => caller.role === "admin" && !caller.tenantId;

/** For whom a hostname is claimed. */
export const claimantOf = (caller: Caller): Claimant =>
  caller.tenantId ? "tenant" : caller.role === "admin" ? "admin" : "operator";

/**
 * What a list is asked for on behalf of this caller: a token bound to a tenant is shown that tenant's rows and nobody else's.
 * Null where such a token asks for another tenant, of which it is shown none.
 */
export function scoped<Query extends { readonly tenant_id?: string | undefined }>(
  { tenantId }: Caller,
  query: Query,
): Query | null {
  if (!tenantId) return query;
  return (query.tenant_id ?? tenantId) === tenantId ? { ...query, tenant_id: tenantId } : null;
}
