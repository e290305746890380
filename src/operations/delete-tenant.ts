import type { Tx } from "#db/connection.ts";
import { countLiveDeployments, terminateCancelledOf } from "#deployments/queries.ts";
import { notFound, Refusal } from "#refusal.ts";
import { lockTenant, markTenantDeleted, type TenantRow } from "#tenants/queries.ts";
import { revokeTokensOfTenant } from "#tokens/queries.ts";

/**
 * Deletes a tenant that has no live deployment: what was cancelled is terminated with it, its tokens are revoked,
 * and its history stays.
 * @throws {Refusal} `not_found`, `tenant_in_use`
 */
export async function deleteTenant(tx: Tx, id: string, now: Date): Promise<TenantRow> {
  const tenant = await lockTenant(tx, id);
  if (!tenant) throw notFound("tenant", id);
  const live = await countLiveDeployments(tx, id);
  if (live > 0)
    throw new Refusal(
      "tenant_in_use",
      `Tenant ${tenant.slug} has ${live} deployment${live === 1 ? "" : "s"} that did not end; delete those first`,
    );
  await terminateCancelledOf(tx, id, now);
  await revokeTokensOfTenant(tx, id, now);
  await markTenantDeleted(tx, id, now);
  return tenant;
}
