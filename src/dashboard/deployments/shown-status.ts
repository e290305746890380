import type { Deployment } from "#api/deployments.ts";

/** Its status at a glance: what its saga makes of it comes first. */
export function shownStatus({ status, saga }: Pick<Deployment, "status" | "saga">): string {
  if (saga?.status === "stuck") return "stuck";
  return status === "provisioning" && saga?.direction === "back" ? "rolling_back" : status;
}
