import type { Tx } from "#db/connection.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { findSaga, liveSagaOf } from "#saga-queries/queries.ts";
import type { Sagas } from "#sagas/start.ts";
import { type Asker, illegal, read } from "./asked-deployment.ts";

/**
 * Asks the saga that provisions a deployment, or does what was asked of an active one, to roll back; a removal that is held
 * is withdrawn. The saga's row is locked before the deployment's, as the
 * engine does, so the two cannot wait for each other.
 * @throws {Refusal} `not_found`, `illegal_transition`
 * @throws {SagaRefusal} `saga_ended`, `not_cancellable`
 */
export async function cancel(tx: Tx, sagas: Sagas, id: string, reason: string, asker: Asker): Promise<DeploymentRow> {
  const deployment = await read(tx, id, asker);
  if (deployment.status === "deprovisioning") {
    const saga = deployment.saga_id ? await findSaga(tx, deployment.saga_id) : undefined;
    if (saga?.status === "held") {
      await sagas.cancel(tx, saga.id, reason);
      return deployment;
    }
    const rest = saga?.status === "stuck" ? `; its saga ${saga.id} is stuck: retry or resolve it` : "";
    throw new SagaRefusal("not_cancellable", `Deployment ${id} is being deprovisioned, which only goes forward${rest}`);
  }
  const running = deployment.status === "active" ? await liveSagaOf(tx, id) : undefined;
  if (running !== undefined) {
    await sagas.cancel(tx, running, reason);
    return deployment;
  }
  if (deployment.status !== "provisioning" || !deployment.saga_id) throw illegal(deployment, "cancelled");
  await sagas.cancel(tx, deployment.saga_id, reason);
  return deployment;
}
