import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { Log } from "#log.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind } from "#resources/rows.ts";

const hour = 3_600_000;
const atOnce = 50;

export interface LateVolumesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  /** Starts what attaches the volume to the deployment's droplet. @returns the saga's id */
  readonly setVolumeRight: (tx: Tx, deploymentId: string) => Promise<string>;
}

/**
 * Looks again at volumes that we asked to be moved without a clear answer, 15 minutes and 2 hours later: a detach that was given
 * up on can still take hold, of a droplet that serves. What others take off is not undone.
 */
export async function recheckVolumes(options: LateVolumesOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  const due = await db
    .selectFrom("provider_changes as change")
    .innerJoin("provider_resources as held", "held.id", "change.resource_id")
    .leftJoin("deployments", (join) =>
      join.onRef("deployments.id", "=", "held.deployment_id").on("deployments.status", "=", "active"),
    )
    .select(["change.id", "change.created_at", "held.provider_id", "held.phase", "deployments.id as deployment_id"])
    .where("held.kind", "=", volumeKind)
    .where("change.recheck_at", "<=", clock.now())
    .orderBy("change.recheck_at")
    .limit(atOnce)
    .execute();
  for (const { id, created_at: at, provider_id: volume, phase, deployment_id: deployment } of due) {
    const isOurs = volume !== null && phase === "there" && deployment !== null;
    const isRight = !isOurs || (await isAttached(options, volume, deployment, signal));
    if (!isRight && !(await setRight(options, volume, deployment))) continue;
    const second = after(at, 2 * hour);
    const next = isOurs && clock.now() < second ? second : null;
    await db.updateTable("provider_changes").set({ recheck_at: next }).where("id", "=", id).execute();
  }
}

/** What is on another droplet, or is not there, is nothing to set right. */
async function isAttached(
  { db, digitalOcean }: LateVolumesOptions,
  id: string,
  deployment: string,
  signal: AbortSignal,
) {
  const droplet = (await heldOfKind(db, dropletKind, [deployment])).get(deployment);
  if (droplet?.phase !== "there") return true;
  try {
    return (await digitalOcean.volumes.get(id, { priority: "sync", signal })).droplet_ids.length > 0;
  } catch (error) {
    if (error instanceof DigitalOceanError && error.reason === "not_found") return true;
    throw error;
  }
}

/** @returns false while another saga of the deployment runs: then it is looked at again once that has ended */
async function setRight({ db, log, setVolumeRight }: LateVolumesOptions, id: string, deployment: string) {
  try {
    const saga = await transact(db, (tx) => setVolumeRight(tx, deployment));
    const facts = { volume_id: id, deployment_id: deployment, saga_id: saga };
    log.warn(facts, "A detach of ours took hold after it had been given up on; the volume is attached again");
    return true;
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_running") return false;
    throw error;
  }
}
