import type { Tx } from "#db/connection.ts";
import { dropSecrets } from "#deployments/lifecycle.ts";
import { type DeploymentRow, moveDeployment, requestDelete } from "#deployments/queries.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import { Refusal } from "#refusal.ts";
import { volumeHandle, volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import { findSaga } from "#saga-queries/queries.ts";
import type { Sagas } from "#sagas/start.ts";
import { defaultKeepDays } from "#keep-days.ts";
import { volumeOf } from "#volume.ts";
import { type Asker, illegal, read } from "./asked-deployment.ts";
import { refuseLedTo } from "./refuse-led-to.ts";
import { isOneTooMany, tellTripped } from "./hold-destroys.ts";

export interface Remover extends Asker {
  /** How many may be destroyed in an hour before they are held; undefined: by the size of the fleet. */
  readonly destroysPerHour: number | undefined;
  /** That its volume, with its data, is deleted with it: without that, one that has a volume is not deleted. */
  readonly deleteVolume?: boolean;
  /** Of the last snapshot of its volume; 0: none is taken. */
  readonly keepSnapshotDays?: number;
}

/** Between our look at the deployment and the statement that moves it, its saga may end: then we look again. */
const looks = 5;

/**
 * Deletes a deployment from whatever status it is in; asking again while it goes on is the same as asking once.
 * @throws {Refusal} `not_found`, `already_terminated`, `deployment_protected`, `dns_leads_there`, `volume_would_be_lost`
 */
export async function remove(tx: Tx, sagas: Sagas, id: string, asker: Remover): Promise<DeploymentRow> {
  for (let look = 0; look < looks; look += 1) {
    const deployment = await read(tx, id, asker);
    refuseProtected(deployment);
    await refuseLedTo(tx, deployment);
    if (deployment.status === "active" && !asker.deleteVolume) await refuseLosingVolume(tx, deployment);
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

/** The data outlives the droplet, and goes only when somebody has said so. */
async function refuseLosingVolume(tx: Tx, { id, hostname, volume }: DeploymentRow): Promise<void> {
  const held = (await heldOfKind(tx, volumeKind, [id])).get(id);
  if (!held) return;
  const { name } = volumeHandle.parse(held.handle);
  const size = volumeOf(volume)?.size_gib;
  throw new Refusal(
    "volume_would_be_lost",
    `Nothing was changed. ${hostname} (${id}) has its data on volume ${name}${size === undefined ? "" : ` of ${size} GiB`}, ` +
      "which is deleted with it: send delete_volume=true if it may be. A last snapshot of it is kept for " +
      `${defaultKeepDays} days, or for as many as keep_snapshot_days says (0: none is taken)`,
  );
}

async function removeFrom(
  tx: Tx,
  sagas: Sagas,
  deployment: DeploymentRow,
  { tenantId, now, destroysPerHour, keepSnapshotDays: days = defaultKeepDays }: Remover,
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
      const held = await isOneTooMany(tx, destroysPerHour, { tenantId, now });
      const begun = await sagas.deprovisionDeployment(tx, id, { held, keep_snapshot_days: days });
      if (held) await tellTripped(tx, begun, tenantId);
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
