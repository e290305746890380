import { after, type Clock } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { type AbsenceRow, holdAbsence, listAbsences, noteAbsence } from "#deployments/absences.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import { lookAtAccount, type SyncOptions } from "./sync.ts";

/** The longest between two looks while the proof of an absence is gathered. Milliseconds. */
const paceMs = 3 * 60_000;

export interface ParkingOptions extends SyncOptions {
  /** Start the sagas that lead a deployment's record nowhere, and back to its droplet; each returns the saga's id. */
  readonly park: (tx: Tx, deploymentId: string) => Promise<string>;
  readonly unpark: (tx: Tx, deploymentId: string) => Promise<string>;
}

/**
 * Goes on with what looks have found absent: looks again while there is something to prove, and starts the sagas that
 * follow from what is proven, or from its return. Without an absence it costs one small query.
 */
export async function followAbsences(options: ParkingOptions, signal: AbortSignal): Promise<void> {
  const all = await listAbsences(options.db);
  if (all.length === 0) return;
  const call: Call = { priority: "sync", signal };
  if (all.some((row) => isWorthALook(row, options))) await lookAtAccount(options, call);
  for (const row of await listAbsences(options.db)) await seeToRecord(options, row);
}

function isWorthALook(row: AbsenceRow, { clock, goneMs }: { readonly clock: Clock; readonly goneMs: number }): boolean {
  if (row.proven_at || row.held || row.returned_at) return false;
  const now = clock.now();
  const pace = Math.min(paceMs, goneMs / 4);
  return after(row.last_look_at, pace) <= now || after(row.witnessed_since ?? now, goneMs) <= now;
}

/** What has to become of the record by now. */
const wish = (row: AbsenceRow): "park" | "unpark" | undefined => {
  if (row.dns === "parked") return row.returned_at ? "unpark" : undefined;
  return row.proven_at && !row.held && !row.returned_at && row.dns === null ? "park" : undefined;
};

/** Starts the saga that the record needs, unless another of the deployment runs: then later (rule 36). */
async function seeToRecord(options: ParkingOptions, { deployment_id: id }: AbsenceRow): Promise<void> {
  try {
    await transact(options.db, async (tx) => {
      // Held first: whoever removes the deployment takes it too, and finds our saga then.
      const row = await holdAbsence(tx, id);
      const wanted = row && wish(row);
      if (!wanted || !(await mayTry(tx, options, row))) return;
      // The address to which it leads stays ours: nothing there can become a stranger's (rule 36).
      if (wanted === "park" && (await hasReservedIp(tx, id))) return;
      await noteAbsence(tx, id, { saga_id: await options[wanted](tx, id) });
    });
  } catch (error) {
    if (!(error instanceof SagaRefusal && error.code === "saga_running")) throw error;
  }
}

const hasReservedIp = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.selectFrom("deployments").select("reserved_ip").where("id", "=", id).executeTakeFirst())?.reserved_ip ===
  true;

/** One that was rolled back is not tried again at once. */
async function mayTry(tx: Tx, { clock, goneMs }: ParkingOptions, { saga_id: id }: AbsenceRow): Promise<boolean> {
  if (id === null) return true;
  const last = await tx.selectFrom("sagas").select(["status", "finished_at"]).where("id", "=", id).executeTakeFirst();
  if (!last?.finished_at) return last === undefined;
  return last.status === "completed" || after(last.finished_at, goneMs) <= clock.now();
}
