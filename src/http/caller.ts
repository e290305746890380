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
