import type { Tx } from "#db/connection.ts";
import { violatedUnique } from "#db/violation.ts";
import { type DeploymentRow, moveDeployment } from "#deployments/queries.ts";
import type { Quota } from "#quota.ts";
import { Refusal, refuseFaults } from "#refusal.ts";
import type { Sagas } from "#sagas/start.ts";
import { type Claimant, claimFault } from "#tenants/hostnames.ts";
import { holdTenant } from "#tenants/queries.ts";
import { refuseOverQuota } from "./quota.ts";
import { type Asker, illegal, read } from "./asked-deployment.ts";

/**
 * Provisions a pending or cancelled deployment.
 * @throws {Refusal} `not_found`, `illegal_transition`, `hostname_in_use` when another took its hostname meanwhile,
 * `validation_failed` when its hostname is not, or no longer, one that the tenant may have, `quota_exceeded`
 */
export async function provision(
  tx: Tx,
  sagas: Sagas,
  id: string,
  asker: Asker & {
    readonly zone: string | undefined;
    readonly by: Claimant;
    readonly tenantQuota?: Quota | undefined;
  },
): Promise<DeploymentRow> {
  const before = await read(tx, id, asker);
  // The tenant's row before the deployment's, as the deletion of a tenant takes them: neither waits for the other.
  const tenant = await holdTenant(tx, before.tenant_id);
  if (!tenant) throw illegal(await read(tx, id, asker), "provisioned");
  const { zone, by } = asker;
  const fault = await claimFault(tx, { hostname: before.hostname, tenant, zone, by });
  if (fault) refuseFaults([{ path: "hostname", message: fault }]);
  await refuseOverQuota(tx, tenant, before, asker.tenantQuota);
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
