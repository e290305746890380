import { startDashboard } from "./dashboard.ts";
import { writePast } from "./past.ts";

/**
 * A fleet to look at: three active, one stuck in its rollback, one that somebody else made, one that nobody owns, and a
 * past of `perDay` a day.
 */
export async function startFleet(perDay: number, settings: Record<string, string> = {}) {
  const it = await startDashboard({ ARCADIA_COMPENSATE_SECONDS: "0.5", ...settings });
  const tenants = await Promise.all(["acme", "globex", "initech"].map((slug) => it.newTenant(slug)));
  const active = await Promise.all(
    tenants.map((tenant, index) => it.newDeployment(tenant.id, ["shop", "portal", "reports"][index] ?? "app")),
  );
  for (const { id } of active) await it.until(`/v1/deployments/${id}`, (found) => found.status === "active");
  await it.stranger("legacy-mail");
  await it.arm({ method: "DELETE", path: "^/v2/droplets/", kind: "status", status: 403, times: 1000 });
  await it.arm({ method: "POST", path: "/records$", kind: "status", status: 422, times: 1 });
  const stuck = await it.newDeployment(tenants[0].id, "billing");
  await it.until(`/v1/deployments/${stuck.id}`, (found) => found.saga.status === "stuck");
  await it.api("POST", "/v1/inventory/sync");
  await it.until("/v1/resources?managed=false", (found) => found.items.length === 1);
  await writePast(it.db, tenants[1].id, perDay);
  return { ...it, tenants, active, stuck };
}
