import type { Deployment } from "#api/deployments.ts";

/** Its status at a glance: what its saga makes of it comes first. */
export function shownStatus({ status, saga, power }: Pick<Deployment, "status" | "saga" | "power">): string {
  if (saga?.status === "stuck") return "stuck";
  if (status === "active" && power === "off") return "suspended";
  return status === "provisioning" && saga?.direction === "back" ? "rolling_back" : status;
}
