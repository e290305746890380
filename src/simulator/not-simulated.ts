import { ApiError } from "./errors.ts";
import type { Route } from "./router.ts";

/** What lies under these is DigitalOcean's and not simulated at all: it is answered alike, whatever comes behind. */
export const foreignFamilies: readonly string[] = `
  1-clicks add-ons apps byoip_prefixes cdn certificates databases dedicated-inferences floating_ips functions gen-ai
  kubernetes monitoring nfs partner_network_connect registries registry reports reserved_ipv6 security
  spaces uptime vpc_nat_gateways vpc_peerings`
  .trim()
  .split(/\s+/);

/** The other operations of families that are simulated in part, as DigitalOcean's own document has them. */
export const otherOperations: readonly string[] = [
  "GET /v2/customers/my/invoices/{invoice_uuid}/csv",
  "GET /v2/customers/my/invoices/{invoice_uuid}/pdf",
  "GET /v2/droplets/autoscale",
  "POST /v2/droplets/autoscale",
  "GET /v2/droplets/autoscale/{autoscale_pool_id}",
  "PUT /v2/droplets/autoscale/{autoscale_pool_id}",
  "DELETE /v2/droplets/autoscale/{autoscale_pool_id}",
  "DELETE /v2/droplets/autoscale/{autoscale_pool_id}/dangerous",
  "GET /v2/droplets/autoscale/{autoscale_pool_id}/members",
  "GET /v2/droplets/autoscale/{autoscale_pool_id}/history",
  "GET /v2/droplets/backups/policies",
  "GET /v2/droplets/backups/supported_policies",
  "GET /v2/droplets/{droplet_id}/destroy_with_associated_resources",
  "DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/selective",
  "DELETE /v2/droplets/{droplet_id}/destroy_with_associated_resources/dangerous",
  "GET /v2/droplets/{droplet_id}/destroy_with_associated_resources/status",
  "POST /v2/droplets/{droplet_id}/destroy_with_associated_resources/retry",
  "POST /v2/images",
  "GET /v2/load_balancers/{lb_id}",
  "PUT /v2/load_balancers/{lb_id}",
  "DELETE /v2/load_balancers/{lb_id}",
  "DELETE /v2/load_balancers/{lb_id}/cache",
  "POST /v2/load_balancers/{lb_id}/droplets",
  "DELETE /v2/load_balancers/{lb_id}/droplets",
  "POST /v2/load_balancers/{lb_id}/forwarding_rules",
  "DELETE /v2/load_balancers/{lb_id}/forwarding_rules",
  "GET /v2/vpcs/{vpc_id}/peerings",
  "POST /v2/vpcs/{vpc_id}/peerings",
  "PATCH /v2/vpcs/{vpc_id}/peerings/{vpc_peering_id}",
];

/** DigitalOcean would have done something, and the simulator does not know what: its own status, not DigitalOcean's. */
export const notSimulated = (method: string, path: string): ApiError =>
  new ApiError(
    501,
    `The simulator does not simulate ${method} ${path}; src/simulator/README.md lists what it does.`,
    "not_simulated",
  );

/** Those operations as routes, to be looked at before others: `/v2/droplets/autoscale` names no droplet. */
export const otherRoutes: readonly Route[] = otherOperations.map((operation) => {
  const [method = "", template = ""] = operation.split(" ");
  return [
    method,
    template,
    undefined,
    (call) => {
      throw notSimulated(method, call.path);
    },
  ];
});

/** Whether DigitalOcean has something here of which the simulator has nothing. */
export function isForeign(path: string): boolean {
  const [, version, family = ""] = path.split("/");
  return version === "v2" && foreignFamilies.includes(family);
}
