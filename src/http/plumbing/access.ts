import { contractOf, operationNames } from "#api/operations.ts";
import type { Role } from "#api/tokens.ts";

/**
 * Who may call a route. `role` is the least role that may; `open` needs no token.
 * `scope: "own"`: a tenant's token may call it and sees its own tenant only; `scope: "all"`: it may not call it,
 * because what it shows or does is not one tenant's.
 */
export interface Access {
  readonly role: Role | "open";
  readonly scope: "own" | "all";
}

const rule = (role: Access["role"], scope: Access["scope"]): Access => ({ role, scope });

/** Every route of the server. One that is missing here keeps the server from starting. */
export const access: Readonly<Record<string, Access>> = {
  "GET /": rule("open", "own"),
  "GET /assets/:file": rule("open", "own"),
  "GET /healthz": rule("open", "own"),
  "GET /readyz": rule("open", "own"),
  "GET /openapi.json": rule("open", "own"),
  "GET /metrics": rule("viewer", "all"),

  "GET /v1/tenants": rule("viewer", "own"),
  "POST /v1/tenants": rule("operator", "all"),
  "GET /v1/tenants/:id": rule("viewer", "own"),
  "PATCH /v1/tenants/:id": rule("operator", "all"),
  "DELETE /v1/tenants/:id": rule("admin", "all"),

  "GET /v1/deployments": rule("viewer", "own"),
  "POST /v1/deployments": rule("operator", "own"),
  // What is there already may be anybody's.
  "POST /v1/deployments/adopt": rule("admin", "all"),
  "GET /v1/deployments/:id": rule("viewer", "own"),
  "PATCH /v1/deployments/:id": rule("operator", "own"),
  "DELETE /v1/deployments/:id": rule("operator", "own"),
  "GET /v1/deployments/:id/removal": rule("viewer", "own"),
  "POST /v1/deployments/:id/provision": rule("operator", "own"),
  "POST /v1/deployments/:id/cancel": rule("operator", "own"),
  "GET /v1/deployments/:id/snapshots": rule("viewer", "own"),
  ...Object.fromEntries(
    operationNames.map((name) => {
      const who = contractOf(name).isOfAdopted ? rule("admin", "all") : rule("operator", "own");
      return [`POST /v1/deployments/:id/${name}`, who];
    }),
  ),

  // A tenant's own tokens choose among them; what they run is for all tenants.
  "GET /v1/releases": rule("viewer", "own"),
  "POST /v1/releases": rule("operator", "all"),
  "GET /v1/releases/:name": rule("viewer", "own"),
  "DELETE /v1/releases/:name": rule("operator", "all"),

  "POST /v1/droplets": rule("operator", "all"),
  "DELETE /v1/droplets/:provider_id": rule("operator", "all"),

  "GET /v1/sagas": rule("viewer", "own"),
  "GET /v1/sagas/:id": rule("viewer", "own"),
  "GET /v1/sagas/:id/events": rule("viewer", "own"),
  "POST /v1/sagas/:id/cancel": rule("operator", "own"),
  "POST /v1/sagas/:id/retry": rule("operator", "own"),
  // Whoever resolves says that something is gone which then is looked for no more: not for the one who pays nothing for it.
  "POST /v1/sagas/:id/resolve": rule("admin", "all"),
  // What keeps one token from destroying all is not lifted by the tenant whose token it may be.
  "POST /v1/sagas/:id/release-hold": rule("admin", "all"),

  "GET /v1/resources": rule("viewer", "own"),
  "POST /v1/inventory/sync": rule("operator", "all"),
  "GET /v1/orphans": rule("viewer", "all"),
  "GET /v1/provider": rule("viewer", "all"),
  "GET /v1/catalogue": rule("viewer", "own"),

  "GET /v1/stats": rule("viewer", "own"),
  "GET /v1/costs": rule("viewer", "own"),
  "GET /v1/token": rule("viewer", "own"),
  "GET /v1/tokens": rule("admin", "all"),
  "POST /v1/tokens": rule("admin", "all"),
  "DELETE /v1/tokens/:id": rule("admin", "all"),
  "GET /v1/audit": rule("viewer", "own"),

  // What is sent leaves the house: only those who may hand out tokens may say where to.
  "GET /v1/webhooks": rule("admin", "own"),
  "POST /v1/webhooks": rule("admin", "own"),
  "GET /v1/webhooks/:id": rule("admin", "own"),
  "PATCH /v1/webhooks/:id": rule("admin", "own"),
  "DELETE /v1/webhooks/:id": rule("admin", "own"),
  "GET /v1/webhooks/:id/deliveries": rule("admin", "own"),
  "POST /v1/webhooks/:id/deliveries/:delivery_id/redeliver": rule("admin", "own"),
};

const rank: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, admin: 3 };

export const reaches = (role: Role, least: Role): boolean => rank[role] >= rank[least];
