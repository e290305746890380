import { endAbsence, noteAbsence } from "#deployments/absences.ts";
import { clearCondition, raiseCondition } from "#deployments/conditions.ts";
import type { Tx } from "#db/connection.ts";
import { PermanentError } from "#engine/failure.ts";
import { inTransaction, type InTransaction, Snooze } from "#engine/step.ts";
import { witnessFor } from "#fleet/observed.ts";
import { isGoneForGood } from "#fleet/prove-gone.ts";
import { bring } from "#resources/bring.ts";
import { moveChange } from "#resources/changes.ts";
import { recordValue } from "#resources/kinds/dns-record.ts";
import { matches } from "#resources/kinds/droplet-handle.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { droplet, getDroplet } from "#resources/kinds/droplet.ts";
import type { RecordHandle } from "#resources/kinds/record-handle.ts";
import { type Held, rehandle } from "#resources/ledger.ts";
import { liveRow } from "#resources/rows.ts";
import type { DnsIo } from "./io.ts";
import { changeBegun, readRecord, recordOf } from "./record-of.ts";

/** Seconds: whoever asks while it is parked asks again soon after it is back. */
const parkedTtl = 60;
/** Of a record whose own is not known. */
const usualTtl = 300;

export interface Parking {
  readonly deployment_id: string;
  readonly hostname: string;
  readonly provider_id: number;
  readonly region: string | null;
  /** Where a record leads whose droplet is gone. */
  readonly parking: string;
}

type Outcome = Promise<Snooze | InTransaction<object>>;

/**
 * Leads the deployment's record nowhere: only while the droplet is proven gone by requests of this very attempt, and only
 * where the record still holds what we wrote, be the inventory right about the droplet's address or not. Called again until
 * it gives an output.
 */
export async function park(input: Parking, io: DnsIo): Outcome {
  const row = await recordOf(input, io);
  if (!row) return ends(input, io, "left", "The deployment has no record of ours: there is nothing to park");
  if (await liveRow(io.db, reservedIpKind, row.handle.data))
    return ends(input, io, "left", "Our record leads to a reserved IP, which stays ours: there is nothing to park");
  if (!(await changeBegun(row, io))) {
    const witness = await witnessFor(io.db, input);
    if (!(await isGoneForGood(io, input.provider_id, witness, io.call(io.signal)))) {
      await io.note(`Droplet ${input.provider_id} is not proven to be gone any more: its record is left as it is`);
      return inTransaction(async (tx) => {
        await noteAbsence(tx, input.deployment_id, { proven_at: null, witnessed_since: null });
        return {};
      });
    }
    const was = await readRecord(row, io);
    if (was instanceof Snooze) return was;
    if (was?.data !== row.handle.data && was?.data !== input.parking) {
      const led = was ? `leads to ${was.data}` : "is not there";
      return ends(input, io, "left", `Record ${row.provider_id} ${led} and not to the droplet: it is left as it is`);
    }
    // Whatever becomes of this saga, a removal has to know that the record is ours with either value.
    await io.commit((tx) => rehandle(tx, row, { ...row.handle, parking: input.parking }));
  }
  const goal = { data: input.parking, ttl: parkedTtl };
  return unlessTheirs(input, row, io, () =>
    bring(io, { row, aspect: recordValue }, { goal }, async (tx) => {
      await io.zones.forget(tx, row.handle.zone);
      await settle(input, tx, "parked", io);
      return {};
    }),
  );
}

/** Leads the parked record to the droplet again, which a GET of this attempt shows to be ours and active. */
export async function unpark(input: Parking, io: DnsIo): Outcome {
  const row = await recordOf(input, io);
  if (!row)
    return ends(input, io, "left", "The deployment has no record of ours any more: there is nothing to bring back");
  let { handle } = row;
  if (!(await changeBegun(row, io))) {
    const seen = await getDroplet(io, input.provider_id);
    const held = await liveRow(io.db, droplet.name, String(input.provider_id));
    const address = seen?.status === "active" ? seen.public_ipv4 : null;
    if (!seen || !held || !address || !matches(seen, droplet.handle.parse(held.handle))) {
      await io.note(`Droplet ${input.provider_id} is ${seen?.status ?? "not there"}: its record stays parked`);
      return inTransaction(async (tx) => {
        await noteAbsence(tx, input.deployment_id, { returned_at: null });
        return {};
      });
    }
    const was = await readRecord(row, io);
    if (was instanceof Snooze) return was;
    if (was?.data !== handle.parking && was?.data !== input.parking && was?.data !== address) {
      const led = was ? `leads to ${was.data}` : "is not there";
      return ends(input, io, "left", `Record ${row.provider_id} ${led}: somebody else has it, and it is left as it is`);
    }
    // Whatever becomes of this saga, a removal has to know that the record is ours with either value.
    handle = {
      ...handle,
      data: address,
      parking: was?.data === address ? input.parking : (was?.data ?? input.parking),
    };
    await io.commit((tx) => rehandle(tx, row, handle));
  }
  const goal = { data: handle.data, ttl: handle.ttl ?? usualTtl };
  return unlessTheirs(input, row, io, () =>
    bring(io, { row, aspect: recordValue }, { goal }, async (tx) => {
      await io.zones.forget(tx, handle.zone);
      await endAbsence(tx, input.deployment_id);
      const gone = { deployment_id: input.deployment_id, code: "droplet_gone" } as const;
      await clearCondition(tx, "droplet", gone, io.clock.now());
      return {};
    }),
  );
}

/** What somebody else makes of the record while it is changed is left to them. */
async function unlessTheirs(input: Parking, row: Held<RecordHandle>, io: DnsIo, work: () => Outcome): Outcome {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PermanentError && error.code === "changed_meanwhile")) throw error;
    const change = await changeBegun(row, io);
    await io.note(error.message);
    return inTransaction(async (tx) => {
      if (change) await moveChange(tx, change, "left");
      await settle(input, tx, "left", io);
      return {};
    });
  }
}

async function ends(input: Parking, io: DnsIo, dns: "left", note: string): Outcome {
  await io.note(note);
  return inTransaction(async (tx) => {
    await settle(input, tx, dns, io);
    return {};
  });
}

/** The condition says what has become of the record. */
async function settle(input: Parking, tx: Tx, dns: "parked" | "left", io: DnsIo): Promise<void> {
  const { deployment_id, provider_id, hostname, parking } = input;
  await noteAbsence(tx, deployment_id, { dns });
  const led = {
    parked: `${hostname} leads to ${parking}, which is nobody's, until the droplet is back`,
    left: `Our record of ${hostname} is not there any more or is somebody else's, and was left as it is`,
  }[dns];
  const message = `Droplet ${provider_id} is gone from the account, and no saga of ours destroyed it. ${led}`;
  const remedy = "Repair the deployment, which makes a new droplet, or destroy it, unless the droplet comes back";
  await raiseCondition(tx, io.ids, "droplet", { deployment_id, code: "droplet_gone", message, remedy }, io.clock.now());
}
