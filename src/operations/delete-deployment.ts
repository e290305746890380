import type { Tx } from "#db/connection.ts";
import { dropSecrets } from "#deployments/lifecycle.ts";
import { type DeploymentRow, moveDeployment, requestDelete } from "#deployments/queries.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { Refusal } from "#refusal.ts";
import { findSaga } from "#saga-queries/queries.ts";
import type { Sagas } from "#sagas/start.ts";
import { type Asker, illegal, read } from "./asked-deployment.ts";
import { refuseLedTo } from "./refuse-led-to.ts";
import { isOneTooMany } from "./hold-destroys.ts";

export interface Remover extends Asker {
  /** How many may be destroyed in an hour before they are held; undefined: by the size of the fleet. */
  readonly destroysPerHour: number | undefined;
}

/** Between our look at the deployment and the statement that moves it, its saga may end: then we look again. */
const looks = 5;

/**
 * Deletes a deployment from whatever status it is in; asking again while it goes on is the same as asking once.
 * @throws {Refusal} `not_found`, `already_terminated`, `deployment_protected`, `dns_leads_there`
 */
export async function remove(tx: Tx, sagas: Sagas, id: string, asker: Remover): Promise<DeploymentRow> {
  for (let look = 0; look < looks; look += 1) {
    const deployment = await read(tx, id, asker);
    refuseProtected(deployment);
    await refuseLedTo(tx, deployment);
    if (await removeFrom(tx, sagas, deployment, asker)) return deployment;
  }
  throw illegal(await read(tx, id, asker), "deleted while it changes; try again");
}

/**
 * What destroys a deployment, or its data, does not begin while it is protected.
 * @throws {Refusal} `deployment_protected`
 */
export function refuseProtected({ id, hostname, protected: isProtected, status }: DeploymentRow): void {
  if (!isProtected || status === "terminated") return;
  const detail = `${hostname} (${id}) is protected and nothing was changed: an admin lifts that with {"protected": false}`;
  throw new Refusal("deployment_protected", detail);
}

async function removeFrom(
  tx: Tx,
  sagas: Sagas,
  deployment: DeploymentRow,
  { now, destroysPerHour }: Remover,
): Promise<boolean> {
  const { id, saga_id: sagaId } = deployment;
  switch (deployment.status) {
    case "pending":
    case "cancelled": {
      const change = { ended_at: now, updated_at: now };
      if (!(await moveDeployment(tx, id, [deployment.status], "terminated", change))) return false;
      await dropSecrets(tx, id);
      return true;
    }
    case "active": {
      const change = { reason: null, updated_at: now };
      if (!(await moveDeployment(tx, id, ["active"], "deprovisioning", change))) return false;
      await sagas.deprovisionDeployment(tx, id, { held: await isOneTooMany(tx, destroysPerHour, now) });
      return true;
    }
    case "provisioning":
      if (!sagaId || !(await rollBack(tx, sagas, sagaId))) return false;
      return requestDelete(tx, id, sagaId, now);
    case "deprovisioning":
      if (sagaId) await retryIfStuck(tx, sagas, sagaId);
      return true;
    case "terminated":
      throw new Refusal("already_terminated", `Deployment ${id} is terminated already`);
  }
}

/** @returns false when the saga has ended meanwhile */
async function rollBack(tx: Tx, sagas: Sagas, sagaId: string): Promise<boolean> {
  // One that was stuck on its way forward has to turn round as well.
  await retryIfStuck(tx, sagas, sagaId);
  try {
    await sagas.cancel(tx, sagaId, "the deployment was deleted");
    return true;
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_ended") return false;
    throw error;
  }
}

async function retryIfStuck(tx: Tx, sagas: Sagas, sagaId: string): Promise<boolean> {
  const saga = await findSaga(tx, sagaId);
  if (saga?.status !== "stuck") return false;
  await sagas.retry(tx, sagaId);
  return true;
}
