import { recordAudit } from "#audit/queries.ts";
import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import { moveDeployment } from "#deployments/queries.ts";

/** How long a deployment that nobody provisions keeps its hostname from others, in milliseconds. */
export const claimMs = 24 * 3_600_000;
const batch = 100;

/**
 * Cancels the deployments that were pending for 24 hours: their hostnames are free again. Nothing else is lost: one
 * that is cancelled can still be provisioned, if its hostname is still free then.
 */
export async function expireClaims(
  db: Db,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<void> {
  const now = clock.now();
  const overdue = await db
    .selectFrom("deployments")
    .select(["id", "tenant_id", "hostname"])
    .where("status", "=", "pending")
    .where("created_at", "<=", after(now, -claimMs))
    .orderBy("created_at")
    .limit(batch)
    .execute();
  const reason = "it was not provisioned within 24 hours, so its hostname is free again; provision it to claim it anew";
  for (const { id, tenant_id, hostname } of overdue)
    await db.transaction().execute(async (tx) => {
      const change = { reason, ended_at: now, updated_at: now };
      if (!(await moveDeployment(tx, id, ["pending"], "cancelled", change))) return;
      await recordAudit(tx, {
        id: ids.uuid(),
        at: now,
        token_id: null,
        subject: "expiry of claims",
        action: "deployment.expire",
        object_type: "deployment",
        object_id: id,
        tenant_id,
        request_id: null,
        address: null,
        detail: { hostname },
      });
    });
}
