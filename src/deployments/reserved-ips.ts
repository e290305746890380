import type { Db, Tx } from "#db/connection.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";

/** The reserved IP of each of these deployments that has one, by the deployment's id. */
export async function reservedIpsOf(
  db: Db | Tx,
  deploymentIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (deploymentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("provider_resources")
    .select(["deployment_id", "provider_id"])
    .where("deployment_id", "in", deploymentIds)
    .where("kind", "=", reservedIpKind)
    .where("phase", "=", "there")
    .where("surplus", "=", false)
    .execute();
  return new Map(
    rows.flatMap(({ deployment_id: id, provider_id: ip }): [string, string][] => (id && ip ? [[id, ip]] : [])),
  );
}
