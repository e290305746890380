import { after } from "#clock.ts";
import { noteAbsence } from "#deployments/absences.ts";
import { PermanentError } from "#engine/failure.ts";
import { inTransaction, type InTransaction, type NoWayBack, Snooze } from "#engine/step.ts";
import { bring, putBack } from "#resources/bring.ts";
import { changeOf, moveChange } from "#resources/changes.ts";
import { heldBy } from "#resources/kind.ts";
import { believedMs, dnsRecord, ledTo, recordValue } from "#resources/kinds/dns-record.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import type { RecordHandle } from "#resources/kinds/record-handle.ts";
import { expose, handOver, type Held, move, rehandle } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { goForward, isGone, type Made } from "../no-way-back.ts";
import { recordsAt, refuseSharedAddress } from "./conflict.ts";
import type { DnsIo } from "./io.ts";
import { point } from "./pointing.ts";
import { changeBegun, readRecord, recordOf } from "./record-of.ts";
import { restore } from "./restoring.ts";

export interface Moving {
  readonly deployment_id: string;
  readonly tenant_id: string;
  readonly hostname: string;
  readonly zone: string;
  /** Of the droplet to which it leads now, as the inventory has it. */
  readonly address: string | null;
  readonly droplet_id: number;
  readonly region: string;
}

export interface Moved {
  readonly dns_record_id: number;
  readonly dns_written_at: string;
  /** Until then somebody may still be led to where it led before. */
  readonly dns_believed_until: string;
}

/**
 * Leads the deployment's own record to `ip`, in place: it keeps its id, and where it led is kept for the way back. One that
 * is not there any more, because it went with what it led to, is made anew. Called again until it gives an output.
 * @throws {PermanentError} `dns_conflict` where it is not as we left it: somebody else has it in hand
 */
export async function moveTo(input: Moving, ip: string, io: DnsIo): Promise<Snooze | InTransaction<Moved>> {
  const row = await recordOf(input, io);
  if (!row || row.saga_id === io.saga.id) return makeAnew(input, ip, io);
  if (!(await changeBegun(row, io))) {
    const begun = await begin(input, row, ip, io);
    if (begun) return begun;
  }
  const ttl = row.handle.ttl ?? Math.round(io.timing.ttl / 1000);
  const [goal, known] = [
    { data: ip, ttl },
    { data: handleBefore(input, row).data, ttl },
  ];
  return bring(io, { row, aspect: recordValue }, { goal, known }, async (tx) => {
    const now = io.clock.now();
    const change = await changeOf(tx, row, recordValue.name, { saga_id: io.saga.id, step: io.step });
    const believedUntil = after(now, change ? believedMs(recordValue.value.parse(change.was).ttl) : 0);
    if (io.timing.drain) await expose(tx, row, ledTo, believedUntil);
    const { zone, type, name } = row.handle;
    const id = Number(row.provider_id);
    await io.zones.wrote(tx, zone, { id, type, name, ...goal });
    return {
      dns_record_id: id,
      dns_written_at: now.toISOString(),
      dns_believed_until: believedUntil.toISOString(),
    };
  });
}

async function makeAnew(input: Moving, ip: string, io: DnsIo): Promise<Snooze | InTransaction<Moved>> {
  const made = await point({ ...input, replace_dns: false, seen: [] }, ip, io);
  if (made instanceof Snooze) return made;
  return inTransaction(async (tx) => {
    const told = await made.write(tx);
    return { ...told, dns_believed_until: told.dns_written_at };
  });
}

/** Sees that it is as we left it, and writes down that it is ours with either value, whatever becomes of this saga. */
async function begin(input: Moving, row: Held<RecordHandle>, ip: string, io: DnsIo): Promise<Snooze | undefined> {
  const { hostname, zone } = input;
  await refuseSharedAddress(io, { ...row.handle, data: ip }, input.deployment_id);
  const was = await readRecord(row, io);
  if (was instanceof Snooze) return was;
  const values = [row.handle.data, row.handle.parking, ip];
  const others = (await recordsAt(io, { hostname, zone, replace_dns: false })).filter(
    ({ id }) => id !== Number(row.provider_id),
  );
  const [other] = others;
  if (!was || !values.includes(was.data) || other) {
    const id = row.provider_id ?? "";
    const found = other
      ? `has a ${other.type} record of somebody else's beside it (${other.data})`
      : was
        ? `leads to ${was.data}`
        : "has lost it";
    throw new PermanentError(
      "dns_conflict",
      `DNS record ${id} of ${hostname} is not as we left it: ${hostname} ${found}. Nothing was changed; see to it, then ask again`,
    );
  }
  const parking = was.data === ip ? row.handle.parking : was.data;
  await io.commit((tx) => rehandle(tx, row, { ...row.handle, data: ip, ...(parking && { parking }) }));
  return undefined;
}

/**
 * Leads the record back to where it led: only where it still holds our value, and never to an address that is somebody
 * else's by now. Called again until all is seen to be undone.
 */
export async function moveBack(
  input: Moving,
  made: Made,
  io: DnsIo,
): Promise<Snooze | InTransaction<void> | NoWayBack> {
  if ((await heldBy(io, dnsRecord)).length > 0) return restore(input.zone, io);
  const row = await recordOf(input, io);
  if (!row) return inTransaction(async () => {});
  const change = await changeBegun(row, io);
  const isThere = change?.phase === "sending" || change?.phase === "reached";
  const was = change && recordValue.value.parse(change.was);
  const isOver = was && isThere && was.data === input.address && (await isOldGone(input, made, io));
  if (isOver instanceof Snooze) return isOver;
  if (isOver) {
    const forward = await goForward(input, made, io);
    if (forward) return forward;
    await io.note(`Droplet ${input.droplet_id}, to which the record led, is gone: it is removed, and not put back`);
    await io.commit((tx) => handOver(tx, row, { saga_id: io.saga.id, step: io.step }));
    return remove(io, dnsRecord, async (tx) => {
      // Whether it was made is not asked any more.
      if (change.phase === "sending") await moveChange(tx, change, "left");
      await io.zones.forget(tx, input.zone);
    });
  }
  const waiting = await putBack(io, { row, aspect: recordValue });
  if (waiting) return waiting;
  const { ttl } = (await recordOf(input, io))?.handle ?? row.handle;
  const left = await changeBegun(row, io);
  return inTransaction(async (tx) => {
    const now = io.clock.now();
    // Until just now it may have led to the new droplet.
    if (io.timing.drain) await expose(tx, row, ledTo, after(now, believedMs(ttl)));
    if (left?.phase === "left") {
      await move(tx, row, "left", now);
      await noteAbsence(tx, input.deployment_id, { dns: "left" });
    } else await rehandle(tx, row, { ...handleBefore(input, row), ttl: was ? was.ttl : row.handle.ttl });
    await io.zones.forget(tx, input.zone);
  });
}

/**
 * Whether the old droplet, to which the record is to lead again, has given its address up: the hostname would lead to a
 * stranger. One that is not shown, or without an address, is believed to be gone once that has lasted as long as any absence has to (rule 36).
 */
async function isOldGone(input: Moving, made: Made, io: DnsIo): Promise<boolean | Snooze> {
  const seen = await getDroplet(io, input.droplet_id);
  if (seen?.public_ipv4 && seen.public_ipv4 !== input.address) return true;
  return isGone(input, Boolean(seen?.public_ipv4), made.droplet_id, io);
}

/** As it was before `begin`: to its own droplet, and parked where it was parked. */
function handleBefore({ address }: Moving, { handle }: Held<RecordHandle>): RecordHandle {
  const { parking, ...rest } = handle;
  const data = address ?? parking ?? rest.data;
  return { ...rest, data, ...(parking !== undefined && parking !== data && { parking }) };
}

/** Why the hostname does not lead to `ip` alone, by a look of this very moment at our record; undefined: it does. */
export async function notLeadingTo(input: Moving, ip: string, io: DnsIo): Promise<string | undefined | Snooze> {
  const { hostname, zone } = input;
  const row = await recordOf(input, io);
  if (!row) return `The ledger has no record of ${hostname}`;
  const { provider_id: id } = row;
  const value = await readRecord(row, io);
  if (value instanceof Snooze) return value;
  if (!value) return `DNS record ${id} of ${hostname} is not there any more`;
  if (value.data !== ip || value.moved_to !== undefined)
    return `DNS record ${id} of ${hostname} leads to ${value.moved_to ?? value.data} and not to ${ip}`;
  const records = await recordsAt(io, { hostname, zone, replace_dns: false });
  const others = records.filter((it) => String(it.id) !== id);
  return others.length > 0 ? `${hostname} has other address records beside ours (${others[0]?.data ?? ""})` : undefined;
}
