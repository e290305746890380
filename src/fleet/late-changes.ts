import { after, type Clock } from "#clock.ts";
import { sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { raiseCondition } from "#deployments/conditions.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { Ids } from "#ids.ts";
import type { LedAstray } from "#led-astray.ts";
import type { Log } from "#log.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { recordValue } from "#resources/kinds/dns-record.ts";
import { dropletPower } from "#resources/kinds/droplet-aspects.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import { heldOfKind, idThere } from "#resources/rows.ts";
import { lateFinding } from "./conditions.ts";

const hour = 3_600_000;
const atOnce = 50;

/** Starts what makes it as its deployment is to have it. @returns the saga's id @throws {SagaRefusal} `saga_running` */
type SetRight<Of = string> = (tx: Tx, of: Of) => Promise<string>;

export interface LateChangesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  /** Turns the deployment's droplet on or off. */
  readonly setPowerRight: SetRight;
  /** Attaches the deployment's volume to its droplet. */
  readonly setVolumeRight: SetRight;
  readonly leadRecordBack: SetRight<LedAstray>;
  readonly ids: Ids;
}

/** A change that is due to be looked at again. */
type Due = Awaited<ReturnType<typeof dueChanges>>[number];

/** Something of which we asked for a change without a clear answer. */
interface Late {
  /**
   * By a look of this very moment. @returns what sets it right, and its saga, or tells of it; undefined: it is as it is to be,
   * or is not ours to say
   */
  readonly mend: (
    options: LateChangesOptions,
    call: Call,
  ) => Promise<((tx: Tx) => Promise<string | undefined>) | undefined>;
  /** For the log. */
  readonly named: object;
  readonly told: string;
}

/** What can take hold late, by its kind. @returns undefined where there is nothing to look at any more */
const kinds: ReadonlyMap<string, (due: Due) => Late | undefined> = new Map([
  [dropletKind, (due) => (due.aspect === dropletPower.name ? latePower(due) : lateSpecification(due))],
  [volumeKind, lateDetach],
  [recordKind, lateRecord],
]);

/** Of what serves an active deployment. */
const servedBy = ({ provider_id: id, phase, active: deployment, power }: Due) =>
  id !== null && phase === "there" && deployment !== null && power !== null ? { id, deployment, power } : undefined;

/** What is neither on nor off, or is not there, is nothing to set right. */
function latePower(due: Due): Late | undefined {
  const it = servedBy(due);
  return (
    it && {
      async mend({ digitalOcean, setPowerRight }, call) {
        const seen = await unlessMissing(digitalOcean.droplets.get(Number(it.id), call));
        const isWrong = seen?.status === (it.power === "on" ? "off" : "active");
        return isWrong ? (tx) => setPowerRight(tx, it.deployment) : undefined;
      },
      named: { droplet_id: Number(it.id) },
      told: "A power action of ours took hold after it had been given up on; the droplet is set right",
    }
  );
}

/** What was rebuilt, or costs more, is for a person to look at: it is told, and nothing is changed for it. */
function lateSpecification(due: Due): Late | undefined {
  const { aspect, change_phase: phase, goal, size_slug, image, deployment_id, saga_id, created_at: asked_at } = due;
  const it = servedBy(due);
  const isGivenUp = phase === "returned" || phase === "left";
  if (!it || !isGivenUp || deployment_id === null || (aspect !== "size" && aspect !== "image")) return undefined;
  const provider_id = Number(it.id);
  return {
    async mend({ digitalOcean, ids, clock }, call) {
      const seen = await unlessMissing(digitalOcean.droplets.get(provider_id, call));
      const [shown, wanted] = aspect === "size" ? [seen?.size_slug, size_slug] : [seen?.image, image];
      if (typeof goal !== "string" || shown !== goal || wanted === null || wanted === goal) return undefined;
      const found = lateFinding({ deployment_id, provider_id }, { aspect, goal, saga_id, asked_at });
      return async (tx) => {
        await raiseCondition(tx, ids, "droplet", found, clock.now());
        return undefined;
      };
    },
    named: { droplet_id: provider_id, to: goal },
    told: `A change of a droplet's ${aspect} took hold after it had been given up on; it is left as it is`,
  };
}

/** What is on another droplet, or is not there, is nothing to set right. */
function lateDetach(due: Due): Late | undefined {
  const it = servedBy(due);
  return (
    it && {
      async mend({ db, digitalOcean, setVolumeRight }, call) {
        if (idThere((await heldOfKind(db, dropletKind, [it.deployment])).get(it.deployment)) === null) return undefined;
        const seen = await unlessMissing(digitalOcean.volumes.get(it.id, call));
        return seen?.droplet_ids.length === 0 ? (tx) => setVolumeRight(tx, it.deployment) : undefined;
      },
      named: { volume_id: it.id },
      told: "A detach of ours took hold after it had been given up on; the volume is attached again",
    }
  );
}

/** It leads a hostname to an address that is a stranger's by then; also one that its owner has back. */
function lateRecord(due: Due): Late | undefined {
  const { deployment_id, tenant_id, resource_id, provider_id: id } = due;
  if (id === null || deployment_id === null || tenant_id === null) return undefined;
  return {
    async mend({ digitalOcean, leadRecordBack }, call) {
      const right = rightOf(due);
      if (!right) return undefined;
      const { zone } = recordHandle.parse(due.handle);
      const shown = await unlessMissing(digitalOcean.domains.records.get(zone, Number(id), call));
      if (shown?.data !== right.from) return undefined;
      return (tx) => leadRecordBack(tx, { deployment_id, tenant_id, resource_id, ...right });
    },
    named: { dns_record_id: Number(id) },
    told: "A change of a DNS record took hold after it had been given up on; the record is led back",
  };
}

/** Where a record is to lead, as far as that is ours to say, and where it may not. */
function rightOf({ was, goal, change_phase, phase, handle, dns }: Due) {
  const { data: from } = recordValue.value.parse(goal);
  if (phase === "left") {
    const { data, ttl } = recordValue.value.parse(was);
    return change_phase === "returned" ? { from, data, ttl } : undefined;
  }
  if (phase !== "there") return undefined;
  const { data, ttl, parking } = recordHandle.parse(handle);
  if (from === data || from === parking) return undefined;
  return { from, data: dns === "parked" && parking !== undefined ? parking : data, ttl };
}

const dueChanges = (db: Db, now: Date) =>
  db
    .selectFrom("provider_changes as change")
    .innerJoin("provider_resources as held", "held.id", "change.resource_id")
    .leftJoin("deployments", (join) =>
      join.onRef("deployments.id", "=", "held.deployment_id").on("deployments.status", "=", "active"),
    )
    .leftJoin("droplet_absences as absence", "absence.deployment_id", "held.deployment_id")
    .leftJoin("cloud_resources as resource", (join) =>
      join
        .onRef("resource.deployment_id", "=", "held.deployment_id")
        .on(sql<boolean>`held.kind = ${dropletKind} and resource.provider_id::text = held.provider_id`),
    )
    .leftJoin("cloud_provisioned as made", "made.resource_id", "resource.id")
    .select(["change.aspect", "change.saga_id", "made.size_slug", "made.image"])
    .select(["change.id", "change.created_at", "change.was", "change.goal", "change.phase as change_phase"])
    .select(["held.id as resource_id", "held.kind", "held.provider_id", "held.phase", "held.handle"])
    .select(["held.deployment_id", "held.tenant_id", "deployments.id as active", "deployments.power", "absence.dns"])
    .where("change.recheck_at", "<=", now)
    .orderBy("change.recheck_at")
    .limit(atOnce)
    .execute();

/**
 * Looks again at things that we asked to be changed without a clear answer, 15 minutes and 2 hours later: a shutdown, a
 * detach, or a record's PUT, that was given up on can still take hold. What others do is not undone: nothing is looked at but
 * for a request of ours.
 */
export async function recheckChanges(options: LateChangesOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  for (const change of await dueChanges(db, clock.now())) {
    const late = kinds.get(change.kind)?.(change);
    if (late && !(await isSeenTo(options, late, change, signal))) continue;
    const second = after(change.created_at, 2 * hour);
    const next = late && clock.now() < second ? second : null;
    await db.updateTable("provider_changes").set({ recheck_at: next }).where("id", "=", change.id).execute();
  }
}

/** @returns false while another saga of the deployment runs: then it is looked at again once that has ended */
async function isSeenTo(options: LateChangesOptions, late: Late, { deployment_id }: Due, signal: AbortSignal) {
  const mend = await late.mend(options, { priority: "sync", signal });
  if (!mend) return true;
  try {
    const saga = await transact(options.db, mend);
    options.log.warn({ ...late.named, deployment_id, ...(saga !== undefined && { saga_id: saga }) }, late.told);
    return true;
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_running") return false;
    throw error;
  }
}
