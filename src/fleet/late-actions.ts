import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { Log } from "#log.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";

const hour = 3_600_000;
const atOnce = 50;

export interface LateActionsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  /** Starts what turns the droplet on or off, as its deployment is to be. @returns the saga's id */
  readonly setPowerRight: (tx: Tx, deploymentId: string) => Promise<string>;
}

/**
 * Looks again at droplets whose power we asked to change without a clear answer, 15 minutes and 2 hours later: a shutdown that
 * was given up on can still take hold. What others turn off is not undone: nobody is looked at but for a request of ours.
 */
export async function recheckPower(options: LateActionsOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  const due = await db
    .selectFrom("provider_changes as change")
    .innerJoin("provider_resources as held", "held.id", "change.resource_id")
    .leftJoin("deployments", (join) =>
      join.onRef("deployments.id", "=", "held.deployment_id").on("deployments.status", "=", "active"),
    )
    .select(["change.id", "change.created_at", "held.provider_id", "held.phase"])
    .select(["deployments.id as deployment_id", "deployments.power"])
    .where("held.kind", "=", dropletKind)
    .where("change.recheck_at", "<=", clock.now())
    .orderBy("change.recheck_at")
    .limit(atOnce)
    .execute();
  for (const { id, created_at: at, provider_id: droplet, phase, deployment_id: deployment, power } of due) {
    const isOurs = droplet !== null && phase === "there" && deployment !== null && power !== null;
    const isRight = !isOurs || (await isAsWanted(options, Number(droplet), power, signal));
    if (!isRight && !(await setRight(options, Number(droplet), deployment))) continue;
    const second = after(at, 2 * hour);
    const next = isOurs && clock.now() < second ? second : null;
    await db.updateTable("provider_changes").set({ recheck_at: next }).where("id", "=", id).execute();
  }
}

/** What is neither on nor off, or is not there, is nothing to set right. */
async function isAsWanted(
  { digitalOcean }: LateActionsOptions,
  id: number,
  power: "on" | "off",
  signal: AbortSignal,
): Promise<boolean> {
  const call: Call = { priority: "sync", signal };
  try {
    const { status } = await digitalOcean.droplets.get(id, call);
    return status !== (power === "on" ? "off" : "active");
  } catch (error) {
    if (error instanceof DigitalOceanError && error.reason === "not_found") return true;
    throw error;
  }
}

/** @returns false while another saga of the deployment runs: then it is looked at again once that has ended */
async function setRight({ db, log, setPowerRight }: LateActionsOptions, id: number, deployment: string) {
  try {
    const saga = await transact(db, (tx) => setPowerRight(tx, deployment));
    const facts = { droplet_id: id, deployment_id: deployment, saga_id: saga };
    log.warn(facts, "A power action of ours took hold after it had been given up on; the droplet is set right");
    return true;
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_running") return false;
    throw error;
  }
}
