import { transact } from "#db/transact.ts";
import type { Db } from "#db/connection.ts";
import { clearCondition, openConditions, raiseCondition } from "#deployments/conditions.ts";
import type { Ids } from "#ids.ts";
import { unhealthyNow } from "#probes/queries.ts";

const code = "unhealthy";
const source = "health";

/**
 * Makes the condition `unhealthy` true of just those deployments whose health check says so: when a verdict has turned,
 * and each minute, so that a worker which dies between its verdict and this leaves nothing untold.
 */
export async function followHealth(db: Db, ids: Ids, now: Date): Promise<void> {
  const sick = await unhealthyNow(db);
  const told = new Set(await openConditions(db, source, code));
  const fresh = sick.filter(({ deployment_id: id }) => !told.has(id));
  const still = new Set(sick.map(({ deployment_id: id }) => id));
  const over = [...told].filter((id) => !still.has(id));
  if (fresh.length + over.length === 0) return;
  await transact(db, async (tx) => {
    for (const { deployment_id, hostname, reason } of fresh) {
      const message = `${hostname} fails its health check: ${reason ?? "no answer"}`;
      const remedy = "Look at the app on its droplet; `arcadia deployments replace` gives it a new one";
      await raiseCondition(tx, ids, source, { deployment_id, code, message, remedy }, now);
    }
    for (const deployment_id of over) await clearCondition(tx, source, { deployment_id, code }, now);
  });
}
