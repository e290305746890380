import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { Log } from "#log.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind, idThere } from "#resources/rows.ts";

const hour = 3_600_000;
const atOnce = 50;

/** Starts what makes it as its deployment is to have it. @returns the saga's id @throws {SagaRefusal} `saga_running` */
type SetRight = (tx: Tx, deploymentId: string) => Promise<string>;

export interface LateActionsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  /** Turns the droplet on or off. */
  readonly setPowerRight: SetRight;
  /** Attaches the volume to the deployment's droplet. */
  readonly setVolumeRight: SetRight;
}

/** A thing of an active deployment of which we asked for a change without a clear answer. */
interface Late {
  readonly kind: Kind;
  readonly id: string;
  readonly deployment: string;
  /** As the deployment's is to be. */
  readonly power: "on" | "off";
}

/** What can take hold late, of a kind. */
interface Kind {
  readonly isRight: (options: LateActionsOptions, it: Late, call: Call) => Promise<boolean>;
  readonly setRight: (options: LateActionsOptions) => SetRight;
  /** For the log. */
  readonly named: (id: string) => object;
  readonly told: string;
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  [
    dropletKind,
    {
      /** What is neither on nor off, or is not there, is nothing to set right. */
      async isRight({ digitalOcean }, { id, power }, call) {
        const seen = await unlessMissing(digitalOcean.droplets.get(Number(id), call));
        return seen?.status !== (power === "on" ? "off" : "active");
      },
      setRight: ({ setPowerRight }) => setPowerRight,
      named: (id) => ({ droplet_id: Number(id) }),
      told: "A power action of ours took hold after it had been given up on; the droplet is set right",
    },
  ],
  [
    volumeKind,
    {
      /** What is on another droplet, or is not there, is nothing to set right. */
      async isRight({ db, digitalOcean }, { id, deployment }, call) {
        if (idThere((await heldOfKind(db, dropletKind, [deployment])).get(deployment)) === null) return true;
        const seen = await unlessMissing(digitalOcean.volumes.get(id, call));
        return seen?.droplet_ids.length !== 0;
      },
      setRight: ({ setVolumeRight }) => setVolumeRight,
      named: (id) => ({ volume_id: id }),
      told: "A detach of ours took hold after it had been given up on; the volume is attached again",
    },
  ],
]);

/**
 * Looks again at things that we asked to be changed without a clear answer, 15 minutes and 2 hours later: a shutdown, or a
 * detach, that was given up on can still take hold, of what serves. What others do is not undone: nothing is looked at but
 * for a request of ours.
 */
export async function recheckActions(options: LateActionsOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  const due = await db
    .selectFrom("provider_changes as change")
    .innerJoin("provider_resources as held", "held.id", "change.resource_id")
    .leftJoin("deployments", (join) =>
      join.onRef("deployments.id", "=", "held.deployment_id").on("deployments.status", "=", "active"),
    )
    .select(["change.id", "change.created_at", "held.kind", "held.provider_id", "held.phase"])
    .select(["deployments.id as deployment_id", "deployments.power"])
    .where("change.recheck_at", "<=", clock.now())
    .where("held.kind", "in", [...kinds.keys()])
    .orderBy("change.recheck_at")
    .limit(atOnce)
    .execute();
  for (const change of due) {
    const { provider_id: id, phase, deployment_id: deployment, power } = change;
    const kind = kinds.get(change.kind);
    const isOurs = kind && id !== null && phase === "there" && deployment !== null && power !== null;
    const late = isOurs ? { kind, id, deployment, power } : undefined;
    if (late && !(await isSeenTo(options, late, signal))) continue;
    const second = after(change.created_at, 2 * hour);
    const next = late && clock.now() < second ? second : null;
    await db.updateTable("provider_changes").set({ recheck_at: next }).where("id", "=", change.id).execute();
  }
}

/** @returns false while another saga of the deployment runs: then it is looked at again once that has ended */
async function isSeenTo(options: LateActionsOptions, late: Late, signal: AbortSignal): Promise<boolean> {
  const { kind, id, deployment } = late;
  if (await kind.isRight(options, late, { priority: "sync", signal })) return true;
  try {
    const saga = await transact(options.db, (tx) => kind.setRight(options)(tx, deployment));
    options.log.warn({ ...kind.named(id), deployment_id: deployment, saga_id: saga }, kind.told);
    return true;
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_running") return false;
    throw error;
  }
}
