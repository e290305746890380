import { paths } from "#api/paths.ts";
import { type Removal, removal } from "#api/removal.ts";
import { snapshotUsdAtMost } from "#costs/snapshot-price.ts";
import type { Tx } from "#db/connection.ts";
import { snapshot } from "#db/transact.ts";
import { type DeploymentRow, findDeployment } from "#deployments/queries.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { dropletOf } from "#inventory/registration.ts";
import { sightingOf } from "#inventory/sightings.ts";
import { idOf, reservedIn } from "#saga-queries/leaves.ts";
import { type Making, makingOf } from "#saga-queries/making.ts";
import { dropletKind, handleShape } from "#resources/kinds/droplet-handle.ts";
import { volumeHandle, volumeKind } from "#resources/kinds/volume-handle.ts";
import { notFound } from "#refusal.ts";
import { heldForOwner, type Row } from "#resources/rows.ts";
import { volumeOf } from "#volume.ts";
import { idInPath, type Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";

export const removalRoutes: Routes = (app, { db }) => {
  app.get(
    paths.deploymentRemoval,
    {
      schema: {
        summary: "What deleting the deployment takes away at the provider, as far as it is known now",
        params: idInPath,
        response: { 200: removal },
      },
    },
    (request) =>
      snapshot(db, async (tx) => {
        const { id } = request.params;
        const deployment = await findDeployment(tx, id, callerOf(request).tenantId);
        if (!deployment) throw notFound("deployment", id);
        return removalOf(tx, deployment);
      }),
  );
};

async function removalOf(tx: Tx, { id, volume }: DeploymentRow): Promise<Removal> {
  const rows = await heldForOwner(tx, { deployment_id: id });
  const droplet = rows.find(({ kind }) => kind === dropletKind);
  const live = await makingOf(tx, id);
  return {
    droplet: droplet ? await dropletIn(tx, id, droplet) : null,
    dns_records: rows.filter(({ kind, surplus }) => kind === recordKind && !surplus).map(recordIn),
    volume: volumeIn(rows, volume),
    reserved_ips: rows.filter(({ kind }) => kind === reservedIpKind).map(reservedIn),
    tags: droplet?.origin === "made" ? [handleShape.parse(droplet.handle).tag] : [],
    uncertain: live !== undefined,
    reason: live ? whyUncertain(live, droplet) : null,
  };
}

/** Its address as the inventory has it, or, before it is there, as a look has shown it. */
async function dropletIn(tx: Tx, deploymentId: string, row: Row) {
  const id = idOf(row);
  const registered = await dropletOf(tx, deploymentId);
  const seen = registered ?? (id === null ? undefined : (await sightingOf(tx, id))?.droplet);
  return { provider_id: id, name: handleShape.parse(row.handle).name, public_ipv4: seen?.public_ipv4 ?? null };
}

function volumeIn(rows: readonly Row[], stored: unknown): Removal["volume"] {
  const row = rows.find(({ kind, surplus }) => kind === volumeKind && !surplus);
  if (!row) return null;
  const size_gib = volumeOf(stored)?.size_gib ?? null;
  const snapshot_usd_at_most = size_gib === null ? null : snapshotUsdAtMost(size_gib);
  return { provider_id: row.provider_id, name: volumeHandle.parse(row.handle).name, size_gib, snapshot_usd_at_most };
}

function recordIn(row: Row) {
  const { hostname, type, data, zone, ttl } = recordHandle.parse(row.handle);
  return { id: idOf(row), name: hostname, type, data, zone, ttl };
}

function whyUncertain({ back, sagaId }: Making, droplet: Row | undefined): string {
  if (back) return `Saga ${sagaId} is undoing it already`;
  if (!droplet) return `Saga ${sagaId} may make a droplet before it turns round`;
  if (droplet.provider_id === null) return `Saga ${sagaId} has asked for a droplet and does not know its id yet`;
  return `Saga ${sagaId} goes on making it until it turns round`;
}
