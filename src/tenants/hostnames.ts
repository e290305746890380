import type { Tx } from "#db/connection.ts";
import { patternHeldByAnother, type TenantRow } from "./queries.ts";

/**
 * Who asks for a hostname: a token of one tenant, an operator over all of them, or an admin over everything.
 */
export const claimants = ["tenant", "operator", "admin"] as const;
export type Claimant = (typeof claimants)[number];

/** A hostname that somebody wants for a deployment of a tenant. */
export interface HostnameClaim {
  readonly hostname: string;
  readonly tenant: Pick<TenantRow, "id" | "hostnames">;
  /** Undefined: none is configured. */
  readonly zone: string | undefined;
  readonly by: Claimant;
}

const admins = "that needs an admin who is not bound to a tenant";

/** Why no deployment can have this hostname, if that is so. */
export function zoneFault(hostname: string, zone: string | undefined): string | undefined {
  if (zone === undefined) return "no zone for hostnames is configured: set ARCADIA_DOMAIN and restart";
  const inZone = hostname === zone || hostname.endsWith(`.${zone}`);
  return inZone ? undefined : `${hostname} is outside the zone ${zone}`;
}

/**
 * Why this tenant cannot have this hostname, if that is so: the one rule for a new deployment, for every start of its
 * saga, and for that saga's first step. Without patterns a tenant's own tokens may use no name at all, an operator any
 * name of the zone. A name that another tenant's pattern fits at least as closely as the tenant's own is that other
 * tenant's: only an admin over everything may give it away, as the zone's own name.
 */
export async function claimFault(tx: Tx, { hostname, tenant, zone, by }: HostnameClaim): Promise<string | undefined> {
  const outside = zoneFault(hostname, zone);
  if (outside) return outside;
  const patterns = patternsOver(hostname);
  const own = patterns.find((pattern) => tenant.hostnames.includes(pattern));
  if (own === undefined && tenant.hostnames.length > 0)
    return `${hostname} is none of the tenant's hostnames: ${tenant.hostnames.join(", ")}`;
  if (own === undefined && by === "tenant")
    return `${hostname} is not the tenant's: it has no hostnames yet, an operator has to give it some`;
  if (by === "admin") return undefined;
  if (hostname === zone) return `${hostname} is the zone itself: ${admins}`;
  const asClose = own === undefined ? patterns : patterns.slice(0, patterns.indexOf(own) + 1);
  if (await patternHeldByAnother(tx, asClose, tenant.id)) return `${hostname} is kept for another tenant: ${admins}`;
  return undefined;
}

/**
 * Why an operator cannot give this pattern to a tenant, if that is so: one within another tenant's would take names
 * away from it, one that covers the zone would take all that nobody has yet. `tenantId` null: the tenant is new.
 */
export async function patternFault(
  tx: Tx,
  given: { readonly pattern: string; readonly tenantId: string | null; readonly zone: string | undefined },
): Promise<string | undefined> {
  const { pattern, tenantId, zone } = given;
  if (pattern === zone) return `${pattern} is the zone itself: ${admins}`;
  if (zone !== undefined && patternsOver(`any.${zone}`).slice(1).includes(pattern))
    return `${pattern} covers the whole zone ${zone}: ${admins}`;
  if (await patternHeldByAnother(tx, patternsOver(pattern), tenantId))
    return `${pattern} is within another tenant's hostnames: ${admins}`;
  return undefined;
}

/** Every pattern that fits the name, the closest first: itself, then `*.suffix` for each of its suffixes. */
function patternsOver(name: string): string[] {
  const labels = name.replace(/^\*\./, "").split(".");
  return [name, ...labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join(".")}`)];
}
