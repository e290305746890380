import type { Tx } from "#db/connection.ts";
import { type DeploymentRow, findDeployment } from "#deployments/queries.ts";
import { notFound, Refusal } from "#refusal.ts";

/** Whose deployment may be asked about, and when. `tenantId` null: anybody's. */
export interface Asker {
  readonly tenantId: string | null;
  readonly now: Date;
}

/** Its status does not allow what was wished. */
export const illegal = (deployment: DeploymentRow, wish: string): Refusal =>
  new Refusal(
    "illegal_transition",
    `Deployment ${deployment.id} is ${deployment.status} and cannot be ${wish}; nothing was changed`,
  );

/** @throws {Refusal} `not_found`, also when the deployment is another tenant's */
export async function read(tx: Tx, id: string, asker: Asker): Promise<DeploymentRow> {
  const deployment = await findDeployment(tx, id, asker.tenantId);
  if (!deployment) throw notFound("deployment", id);
  return deployment;
}
