import { z } from "zod";
import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { Log } from "#log.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import { unlessMissing } from "#providers/digitalocean/errors.ts";
import { recordValue } from "#resources/kinds/dns-record.ts";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";

const hour = 3_600_000;
const atOnce = 50;

/** Where a record is to lead again. */
export interface LeadBack {
  readonly deployment_id: string;
  readonly tenant_id: string;
  /** The ledger's row of the record. */
  readonly resource_id: string;
  /** Where our late change has led it. */
  readonly from: string;
  readonly data: string;
  readonly ttl: number | null;
}

export interface LateRecordsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly digitalOcean: DigitalOcean;
  /** Starts what leads a record back. @returns the saga's id @throws {SagaRefusal} `saga_running` */
  readonly leadBack: (tx: Tx, to: LeadBack) => Promise<string>;
}

const address = z.object({ data: z.string(), ttl: z.int().nullable() });

/**
 * Looks again at records whose change was not clearly answered, 15 minutes and 2 hours later: a PUT that was given up on can
 * still take hold, and lead a hostname to an address that is a stranger's by then. Of a record that its owner has back, too.
 */
export async function recheckRecords(options: LateRecordsOptions, signal: AbortSignal): Promise<void> {
  const { db, clock } = options;
  const due = await db
    .selectFrom("provider_changes as change")
    .innerJoin("provider_resources as held", "held.id", "change.resource_id")
    .leftJoin("droplet_absences as absence", "absence.deployment_id", "held.deployment_id")
    .select(["change.id", "change.created_at", "change.was", "change.goal", "change.phase as change_phase"])
    .select(["held.id as resource_id", "held.provider_id", "held.phase", "held.handle"])
    .select(["held.deployment_id", "held.tenant_id", "absence.dns"])
    .where("change.recheck_at", "<=", clock.now())
    .where("held.kind", "=", recordKind)
    .where("change.aspect", "=", recordValue.name)
    .orderBy("change.recheck_at")
    .limit(atOnce)
    .execute();
  for (const it of due) {
    if (!(await isSeenTo(options, it, signal))) continue;
    const second = after(it.created_at, 2 * hour);
    const next = clock.now() < second ? second : null;
    await db.updateTable("provider_changes").set({ recheck_at: next }).where("id", "=", it.id).execute();
  }
}

interface Due {
  readonly was: unknown;
  readonly goal: unknown;
  readonly change_phase: string;
  readonly resource_id: string;
  readonly provider_id: string | null;
  readonly phase: string;
  readonly handle: unknown;
  readonly deployment_id: string | null;
  readonly tenant_id: string | null;
  readonly dns: string | null;
}

/** Where it is to lead, as far as that is ours to say, and where it may not. */
function rightOf({ was, goal, change_phase, phase, handle, dns }: Due) {
  const { data: from } = address.parse(goal);
  if (phase === "left") return change_phase === "returned" ? { from, ...address.parse(was) } : undefined;
  if (phase !== "there") return undefined;
  const { data, ttl, parking } = recordHandle.parse(handle);
  if (from === data || from === parking) return undefined;
  return { from, data: dns === "parked" && parking !== undefined ? parking : data, ttl };
}

/** @returns false while another saga of the deployment runs: then it is looked at again once that has ended */
async function isSeenTo(options: LateRecordsOptions, it: Due, signal: AbortSignal): Promise<boolean> {
  const { db, log, digitalOcean } = options;
  const { deployment_id, tenant_id, resource_id, provider_id: id } = it;
  const right = rightOf(it);
  if (!right || id === null || deployment_id === null || tenant_id === null) return true;
  const call: Call = { priority: "sync", signal };
  const { zone } = recordHandle.parse(it.handle);
  const shown = await unlessMissing(digitalOcean.domains.records.get(zone, Number(id), call));
  if (shown?.data !== right.from) return true;
  try {
    const saga = await transact(db, (tx) => options.leadBack(tx, { deployment_id, tenant_id, resource_id, ...right }));
    log.warn(
      { dns_record_id: Number(id), deployment_id, saga_id: saga },
      "A change of a DNS record took hold after it had been given up on; the record is led back",
    );
    return true;
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_running") return false;
    throw error;
  }
}
