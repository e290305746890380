import type { Deployment } from "#api/deployments.ts";
import { monthlyPrices } from "#catalogue/queries.ts";
import type { Tx } from "#db/connection.ts";
import { conditionsOf } from "#deployments/conditions.ts";
import { type DeploymentRow, findDeployment } from "#deployments/queries.ts";
import { resourcesOf } from "#inventory/queries.ts";
import { healthsOf } from "#probes/queries.ts";
import { releasesNamed } from "#releases/queries.ts";
import { newestSagas } from "#saga-queries/queries.ts";
import { notFound } from "#refusal.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import { presentDeployment } from "./present.ts";

/** @throws {Refusal} `not_found`, also when the deployment is another tenant's */
export async function showDeployment(tx: Tx, id: string, tenantId: string | null): Promise<Deployment> {
  const row = await findDeployment(tx, id, tenantId);
  if (!row) throw notFound("deployment", id);
  return (await deploymentPresenter(tx, [row]))(row);
}

/** Reads what is shown with these deployments. @returns what presents one of them */
export async function deploymentPresenter(
  tx: Tx,
  rows: readonly DeploymentRow[],
): Promise<(row: DeploymentRow) => Deployment> {
  const ids = rows.map(({ id }) => id);
  const resources = await resourcesOf(tx, ids);
  const sagas = await newestSagas(tx, ids);
  const conditions = await conditionsOf(tx, ids);
  const releases = await releasesNamed(tx, [...new Set(rows.flatMap(({ release }) => release ?? []))]);
  const healths = await healthsOf(tx, ids);
  const reservedIps = await heldOfKind(tx, reservedIpKind, ids);
  const prices = await monthlyPrices(tx, [...new Set(rows.map(({ size_slug }) => size_slug))]);
  const volumes = await heldOfKind(tx, volumeKind, ids);
  return (row) =>
    presentDeployment(row, {
      resource: resources.get(row.id),
      saga: sagas.get(row.id),
      conditions: conditions.get(row.id) ?? [],
      release: releases.get(row.release ?? ""),
      health: healths.get(row.id),
      reservedIp: reservedIps.get(row.id),
      monthlyUsd: prices.get(row.size_slug),
      volume: volumes.get(row.id),
    });
}
