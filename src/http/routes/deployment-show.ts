import type { Deployment } from "#api/deployments.ts";
import { monthlyPrices } from "#catalogue/queries.ts";
import type { Db, Tx } from "#db/connection.ts";
import { conditionsOf } from "#deployments/conditions.ts";
import { findDeployment } from "#deployments/queries.ts";
import { resourcesOf } from "#inventory/queries.ts";
import { healthsOf } from "#probes/queries.ts";
import { findRelease } from "#releases/queries.ts";
import { newestSagas } from "#saga-queries/queries.ts";
import { notFound } from "#refusal.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import { presentDeployment } from "./present.ts";

/** @throws {Refusal} `not_found`, also when the deployment is another tenant's */
export async function showDeployment(db: Db | Tx, id: string, tenantId: string | null): Promise<Deployment> {
  // First: of a saga that is shown as ended, all that it did is read after it, and shown.
  const sagas = await newestSagas(db, [id]);
  const row = await findDeployment(db, id, tenantId);
  if (!row) throw notFound("deployment", id);
  const resources = await resourcesOf(db, [id]);
  const conditions = await conditionsOf(db, [id]);
  return presentDeployment(row, {
    resource: resources.get(id),
    saga: sagas.get(id),
    release: row.release === null ? undefined : await findRelease(db, row.release),
    conditions: conditions.get(id) ?? [],
    health: (await healthsOf(db, [id])).get(id),
    reservedIp: (await heldOfKind(db, reservedIpKind, [id])).get(id),
    monthlyUsd: (await monthlyPrices(db, [row.size_slug])).get(row.size_slug),
    volume: (await heldOfKind(db, volumeKind, [id])).get(id),
  });
}
