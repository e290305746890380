import type { Tx } from "#db/connection.ts";
import { findDeployment } from "#deployments/queries.ts";
import type { Sagas } from "#sagas/start.ts";
import { refuseProtected } from "./delete-deployment.ts";

/**
 * Lets a held saga begin.
 * @throws {SagaRefusal} `saga_not_found`, `not_held`
 * @throws {Refusal} `deployment_protected` when its deployment was protected meanwhile
 */
export async function releaseHold(tx: Tx, sagas: Sagas, sagaId: string): Promise<void> {
  const deploymentId = await sagas.releaseHold(tx, sagaId);
  const deployment = deploymentId === null ? undefined : await findDeployment(tx, deploymentId);
  if (!deployment) return;
  refuseProtected(deployment);
}
