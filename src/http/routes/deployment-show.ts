import type { Deployment } from "#api/deployments.ts";
import type { Db, Tx } from "#db/connection.ts";
import { findDeployment } from "#deployments/queries.ts";
import { resourcesOf } from "#inventory/queries.ts";
import { newestSagas } from "#saga-queries/queries.ts";
import { notFound } from "#refusal.ts";
import { presentDeployment } from "./present.ts";

/** @throws {Refusal} `not_found`, also when the deployment is another tenant's */
export async function showDeployment(db: Db | Tx, id: string, tenantId: string | null): Promise<Deployment> {
  const row = await findDeployment(db, id, tenantId);
  if (!row) throw notFound("deployment", id);
  const resources = await resourcesOf(db, [id]);
  const sagas = await newestSagas(db, [id]);
  return presentDeployment(row, resources.get(id), sagas.get(id));
}
