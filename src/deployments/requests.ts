import type { Tx } from "#db/connection.ts";
import { violatedUnique } from "#db/violation.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { findSaga, liveSagaOf } from "#progress/queries.ts";
import { notFound, Refusal, refuseFaults } from "#refusal.ts";
import type { Claimant, Sagas } from "#sagas/start.ts";
import { holdTenant } from "#tenants/queries.ts";
import { claimFault } from "./hostnames.ts";
import { dropUserData } from "./lifecycle.ts";
import { type DeploymentRow, findDeployment, moveDeployment, requestDelete } from "./queries.ts";

/** Whose deployment may be asked about, and when. `tenantId` null: anybody's. */
export interface Asker {
  readonly tenantId: string | null;
  readonly now: Date;
}

const illegal = (deployment: DeploymentRow, wish: string): Refusal =>
  new Refusal(
    "illegal_transition",
    `Deployment ${deployment.id} is ${deployment.status} and cannot be ${wish}; nothing was changed`,
  );

async function read(tx: Tx, id: string, asker: Asker): Promise<DeploymentRow> {
  const deployment = await findDeployment(tx, id, asker.tenantId);
  if (!deployment) throw notFound("deployment", id);
  return deployment;
}

/**
 * Provisions a pending or cancelled deployment.
 * @throws {Refusal} `not_found`, `illegal_transition`, `hostname_in_use` when another took its hostname meanwhile,
 * `validation_failed` when its hostname is not, or no longer, one that the tenant may have
 */
export async function provision(
  tx: Tx,
  sagas: Sagas,
  id: string,
  asker: Asker & { readonly zone: string | undefined; readonly by: Claimant },
): Promise<DeploymentRow> {
  const before = await read(tx, id, asker);
  // The tenant's row before the deployment's, as the deletion of a tenant takes them: neither waits for the other.
  const tenant = await holdTenant(tx, before.tenant_id);
  if (!tenant) throw illegal(await read(tx, id, asker), "provisioned");
  const { zone, by } = asker;
  const fault = await claimFault(tx, { hostname: before.hostname, tenant, zone, by });
  if (fault) refuseFaults([{ path: "hostname", message: fault }]);
  const fresh = { reason: null, ended_at: null, delete_requested_at: null, updated_at: asker.now };
  try {
    if (!(await moveDeployment(tx, id, ["pending", "cancelled"], "provisioning", fresh)))
      throw illegal(await read(tx, id, asker), "provisioned");
  } catch (error) {
    if (violatedUnique(error) !== "deployments_hostname") throw error;
    const detail = `${before.hostname} is in use by another deployment; deployment ${id} stays ${before.status}`;
    throw new Refusal("hostname_in_use", detail, { cause: error });
  }
  await sagas.provisionDeployment(tx, id, by);
  return before;
}

/**
 * Asks the saga of a deployment that is being provisioned, or of an operation on an active one, to roll back. The saga's row is locked before the deployment's, as the
 * engine does, so the two cannot wait for each other.
 * @throws {Refusal} `not_found`, `illegal_transition`
 * @throws {SagaRefusal} `saga_ended`, `not_cancellable`
 */
export async function cancel(tx: Tx, sagas: Sagas, id: string, reason: string, asker: Asker): Promise<DeploymentRow> {
  const deployment = await read(tx, id, asker);
  if (deployment.status === "deprovisioning") {
    const saga = deployment.saga_id ? await findSaga(tx, deployment.saga_id) : undefined;
    const rest = saga?.status === "stuck" ? `; its saga ${saga.id} is stuck: retry or resolve it` : "";
    throw new SagaRefusal("not_cancellable", `Deployment ${id} is being deprovisioned, which only goes forward${rest}`);
  }
  const running = deployment.status === "active" ? await liveSagaOf(tx, id) : undefined;
  if (running) {
    await sagas.cancel(tx, running, reason);
    return deployment;
  }
  if (deployment.status !== "provisioning" || !deployment.saga_id) throw illegal(deployment, "cancelled");
  await sagas.cancel(tx, deployment.saga_id, reason);
  return deployment;
}

/** Between our look at the deployment and the statement that moves it, its saga may end: then we look again. */
const looks = 5;

/**
 * Deletes a deployment from whatever status it is in; asking again while it goes on is the same as asking once.
 * @throws {Refusal} `not_found`, `already_terminated`
 */
export async function remove(tx: Tx, sagas: Sagas, id: string, asker: Asker): Promise<DeploymentRow> {
  for (let look = 0; look < looks; look += 1) {
    const deployment = await read(tx, id, asker);
    if (await removeFrom(tx, sagas, deployment, asker.now)) return deployment;
  }
  throw illegal(await read(tx, id, asker), "deleted while it changes; try again");
}

async function removeFrom(tx: Tx, sagas: Sagas, deployment: DeploymentRow, now: Date): Promise<boolean> {
  const { id, saga_id: sagaId } = deployment;
  switch (deployment.status) {
    case "pending":
    case "cancelled": {
      const change = { ended_at: now, updated_at: now };
      if (!(await moveDeployment(tx, id, [deployment.status], "terminated", change))) return false;
      await dropUserData(tx, id);
      return true;
    }
    case "active": {
      const change = { reason: null, updated_at: now };
      if (!(await moveDeployment(tx, id, ["active"], "deprovisioning", change))) return false;
      await sagas.deprovisionDeployment(tx, id);
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
