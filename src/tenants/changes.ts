import type { Tx } from "#db/connection.ts";
import { violatedUnique } from "#db/violation.ts";
import { countLiveDeployments, terminateCancelledOf } from "#deployments/queries.ts";
import type { Ids } from "#ids.ts";
import { notFound, Refusal, refuseFaults } from "#refusal.ts";
import { revokeTokensOfTenant } from "#tokens/queries.ts";
import { insertTenant, lockTenant, markTenantDeleted, type TenantRow } from "./queries.ts";

/** @throws {Refusal} `validation_failed` at `slug` when another tenant has it */
export async function createTenant(
  tx: Tx,
  input: Pick<TenantRow, "slug" | "name" | "hostnames"> & { readonly labels?: Readonly<Record<string, string>> },
  made: { readonly ids: Ids; readonly now: Date },
): Promise<TenantRow> {
  try {
    return await insertTenant(tx, {
      ...input,
      labels: JSON.stringify(input.labels ?? {}),
      id: made.ids.uuid(),
      created_at: made.now,
      updated_at: made.now,
    });
  } catch (error) {
    if (violatedUnique(error) === "tenants_slug")
      refuseFaults([{ path: "slug", message: `${input.slug} is in use by another tenant` }], error);
    throw error;
  }
}

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
