/** Every path of the API, with `:name` for what varies. */
export const paths = {
  dashboard: "/",
  dashboardFile: "/assets/:file",
  tenants: "/v1/tenants",
  tenant: "/v1/tenants/:id",
  deployments: "/v1/deployments",
  deploymentAdopt: "/v1/deployments/adopt",
  deployment: "/v1/deployments/:id",
  deploymentProvision: "/v1/deployments/:id/provision",
  deploymentRemoval: "/v1/deployments/:id/removal",
  deploymentCancel: "/v1/deployments/:id/cancel",
  releases: "/v1/releases",
  release: "/v1/releases/:name",
  /** One route for each of `operations`. */
  deploymentOperation: "/v1/deployments/:id/:operation",
  deploymentSnapshots: "/v1/deployments/:id/snapshots",
  droplets: "/v1/droplets",
  droplet: "/v1/droplets/:provider_id",
  sagas: "/v1/sagas",
  saga: "/v1/sagas/:id",
  sagaEvents: "/v1/sagas/:id/events",
  sagaCancel: "/v1/sagas/:id/cancel",
  sagaRetry: "/v1/sagas/:id/retry",
  sagaResolve: "/v1/sagas/:id/resolve",
  sagaReleaseHold: "/v1/sagas/:id/release-hold",
  resources: "/v1/resources",
  inventorySync: "/v1/inventory/sync",
  orphans: "/v1/orphans",
  provider: "/v1/provider",
  catalogue: "/v1/catalogue",
  stats: "/v1/stats",
  costs: "/v1/costs",
  tokens: "/v1/tokens",
  token: "/v1/tokens/:id",
  self: "/v1/token",
  audit: "/v1/audit",
  webhooks: "/v1/webhooks",
  webhook: "/v1/webhooks/:id",
  webhookDeliveries: "/v1/webhooks/:id/deliveries",
  webhookRedeliver: "/v1/webhooks/:id/deliveries/:delivery_id/redeliver",
  health: "/healthz",
  readiness: "/readyz",
  openapi: "/openapi.json",
  metrics: "/metrics",
} as const;

export type Path = (typeof paths)[keyof typeof paths];

type Variable<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Variable<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

/** `fill(paths.saga, { id })`: the path with its variables put in, percent-encoded. */
export function fill<P extends Path>(path: P, variables: Record<Variable<P>, string | number>): string {
  const values: Record<string, string | number> = variables;
  return path.replace(/:([a-z_]+)/g, (_, name: string) => encodeURIComponent(String(values[name])));
}
