import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { isLive } from "#resources/phases.ts";
import { hasEnded } from "#saga-ended.ts";
import { volumeOf } from "#volume.ts";
import type { AtRest, Facts } from "./invariants.ts";
import { isMissed } from "./ledger-invariants.ts";
import type { Truth } from "./truth.ts";

/**
 * 15. Once no saga of it runs, the volume of a deployment that is active is attached to its droplet alone and as large as
 * recorded; one that was cancelled or terminated has none.
 */
export function brokenVolumes(
  { deployments, sagas, held, resources, absences }: Facts,
  truth: Truth,
  { theirs = new Set() }: Pick<AtRest, "theirs">,
): string[] {
  const atWork = new Set(sagas.filter(({ status }) => !hasEnded(status)).map((saga) => saga.deployment_id));
  return deployments
    .filter(({ id }) => !atWork.has(id))
    .flatMap((deployment) => {
      const { id, status } = deployment;
      const begun = held.filter((row) => row.kind === volumeKind && row.deployment_id === id);
      const there = truth.volumes.filter((it) => begun.some((row) => row.provider_id === it.id));
      if (status !== "active")
        return status === "cancelled" || status === "terminated"
          ? there
              .filter((it) => !theirs.has(`${volumeKind} ${it.id}`))
              .map((it) => `15: ${status} deployment ${id} left volume ${it.id}`)
          : [];
      const spec = volumeOf(deployment.volume);
      const rows = begun.filter(({ phase, surplus }) => isLive(phase) && !surplus);
      if (!spec) return rows.map((row) => `15: deployment ${id} is to have no volume and has ${row.provider_id}`);
      const volume = there.find((it) => it.id === rows[0]?.provider_id);
      if (rows.length !== 1 || there.length !== 1 || !volume)
        return [`15: active deployment ${id} has ${there.length} volumes, and ${rows.length} in the ledger`];
      // None where it was destroyed by somebody else, and the deployment could not be repaired.
      const droplet = resources.find((row) => row.deployment_id === id && row.deleted_at === null)?.provider_id ?? null;
      const isLost = droplet !== null && isMissed(absences, droplet);
      return [
        !isLost &&
          volume.droplet_id !== droplet &&
          `15: volume ${volume.id} is attached to ${volume.droplet_id ?? "nothing"}, its droplet is ${droplet ?? "gone"}`,
        volume.size_gib !== spec.size_gib &&
          `15: volume ${volume.id} has ${volume.size_gib} GiB, recorded are ${spec.size_gib}`,
      ].filter((it) => it !== false);
    });
}
