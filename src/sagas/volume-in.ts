import type { Tx } from "#db/connection.ts";
import type { DeploymentRow } from "#deployments/queries.ts";
import { volumeHandle, volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import type { HeldVolume } from "./steps/snapshot-volume.ts";

/** What a saga is told of the volume of an active deployment, as the ledger has it. */
export async function volumeIn(
  tx: Tx,
  { id, name, tenant_id }: Pick<DeploymentRow, "id" | "name" | "tenant_id">,
  keep_snapshot_days: number,
): Promise<HeldVolume> {
  const row = (await heldOfKind(tx, volumeKind, [id])).get(id);
  if (!row?.provider_id) return null;
  const { region } = volumeHandle.parse(row.handle);
  return { provider_id: row.provider_id, name, region, tenant_id, keep_snapshot_days };
}
