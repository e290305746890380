import type { Tx } from "#db/connection.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import type { Quota } from "#quota.ts";
import type { PlannedOperation, Sagas } from "#sagas/start.ts";
import { holdTenant } from "#tenants/queries.ts";
import { read } from "./asked-deployment.ts";
import { refuseProtected } from "./delete-deployment.ts";
import { refuseOverQuota } from "./quota.ts";

export interface OperationAsked {
  readonly name: string;
  readonly body: unknown;
  /** What is on the disk is lost: not while the deployment is protected. */
  readonly isFinal: boolean;
  /** Whose deployment may be asked about; null: anybody's. */
  readonly tenantId: string | null;
  readonly tenantQuota?: Quota | undefined;
  readonly now: Date;
}

/**
 * Sees whether an operation can be done on a deployment, by who asks and as things stand.
 * @returns it, not started yet, and the deployment as it is
 * @throws {Refusal} `not_found`, `illegal_transition`, `deployment_protected`, `quota_exceeded`, `validation_failed`
 * @throws {SagaRefusal} `saga_running`
 */
export async function planOperation(
  tx: Tx,
  sagas: Sagas,
  deploymentId: string,
  { name, body, isFinal, tenantId, tenantQuota, now }: OperationAsked,
): Promise<{ readonly planned: PlannedOperation; readonly deployment: DeploymentRow }> {
  const deployment = await read(tx, deploymentId, { tenantId, now });
  // Held before the deployment, as whoever changes a tenant does: two who ask at once are counted one after the other.
  const tenant = await holdTenant(tx, deployment.tenant_id);
  const planned = await sagas.planOperation(tx, { name, deploymentId, onlyTenant: tenantId }, body);
  if (isFinal && !planned.keepsDisk) refuseProtected(deployment);
  const { keepsSnapshot: snapshot = false } = planned;
  if (tenant && (planned.size_slug !== undefined || planned.volume || snapshot)) {
    const { region, size_slug, release, volume } = { ...deployment, ...planned };
    const wanted = { id: deploymentId, region, size_slug, release, volume, now: deployment, snapshot };
    await refuseOverQuota(tx, tenant, wanted, tenantQuota);
  }
  return { planned, deployment };
}
