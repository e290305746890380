import { after } from "#clock.ts";
import { inTransaction, type InTransaction, Snooze } from "#engine/step.ts";
import { dropletsAt } from "#inventory/registration.ts";
import { putBack } from "#resources/bring.ts";
import { type Change, changeOf, moveChange } from "#resources/changes.ts";
import { ensure } from "#resources/ensure.ts";
import { heldBy } from "#resources/kind.ts";
import { believedMs, dnsRecord, ledTo, recordValue } from "#resources/kinds/dns-record.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import type { RecordHandle } from "#resources/kinds/record-handle.ts";
import { expose, type Held, move } from "#resources/ledger.ts";
import { livePhases } from "#resources/phases.ts";
import { remove, removeRows } from "#resources/remove.ts";
import type { DnsIo } from "./io.ts";

/**
 * Puts the zone back to what it was before, by record id, and only where a record still holds our value: what somebody
 * else changed meanwhile is left to them (rule 22). Called again until all is seen to be undone.
 */
export async function restore(zone: string, io: DnsIo): Promise<Snooze | InTransaction<void>> {
  const first = (await stood(io)).find(({ origin, surplus }) => origin === "taken_over" && !surplus);
  if (!first)
    return remove(io, dnsRecord, async (tx, removed) => {
      if (removed) await io.zones.removed(tx, zone, Number(removed.row.provider_id));
    });
  const change = await changeOf(io.db, first, recordValue.name, { saga_id: io.saga.id, step: io.step });
  const isOver = first.phase !== "there" || (await ledToOurs(change, io));
  const undone = isOver ? giveUp(first, io) : putBack(io, { row: first, aspect: recordValue });
  const waiting = (await undone) ?? (await bringBack(first, io));
  if (waiting) return waiting;
  const theirs = await heldBy(io, dnsRecord);
  const { ttl } = (theirs.find(({ id }) => id === first.id) ?? first).handle;
  return inTransaction(async (tx) => {
    const now = io.clock.now();
    // Until just now it may have led to our droplet.
    if (io.timing.drain && !isOver) await expose(tx, first, ledTo, after(now, believedMs(ttl)));
    for (const row of theirs) await move(tx, row, "left", now);
    // Whether it was made is not asked any more.
    if (isOver && change?.phase === "sending") await moveChange(tx, change, "left");
    await io.zones.forget(tx, zone);
  });
}

/** What the step has held, but for what is somebody else's by now. */
const stood = (io: DnsIo): Promise<Held<RecordHandle>[]> => heldBy(io, dnsRecord, [...livePhases, "gone"]);

/** Whether what the record was before is an address that we have given up, and the way back has not begun. */
async function ledToOurs(change: Change | undefined, io: DnsIo): Promise<boolean> {
  if (change?.phase !== "sending" && change?.phase !== "reached") return false;
  return isGivenUp(recordValue.value.parse(change.was).data, io);
}

/**
 * Whether the address was one of ours, and no droplet of the account has it any more, as a GET of this very moment says:
 * by now it may be a stranger's.
 */
async function isGivenUp(address: string, io: DnsIo): Promise<boolean> {
  const known = await dropletsAt(io.db, address);
  // This saga's own is about to go.
  for (const { provider_id: id } of known.filter((it) => it.registered_by !== io.saga.id))
    if ((await getDroplet(io, id))?.public_ipv4 === address) return false;
  return known.length > 0;
}

/** The record goes, instead of leading back to an address that we have given up. */
async function giveUp(first: Held<RecordHandle>, io: DnsIo): Promise<Snooze | undefined> {
  if (first.phase === "gone") return undefined;
  if (first.phase === "there")
    await io.note("The record led to an address that we have given up since: it is removed, and not put back");
  return removeRows(io, dnsRecord, [first]);
}

/** Makes the records anew that the takeover deleted; each once, whatever becomes of its create (rule 14). */
async function bringBack(first: Held<RecordHandle>, io: DnsIo): Promise<Snooze | undefined> {
  const [rows, change] = [
    await stood(io),
    await changeOf(io.db, first, recordValue.name, { saga_id: io.saga.id, step: io.step }),
  ];
  // Somebody else has taken the hostname in hand: it is left as they have it.
  if (change?.phase === "left" || !rows.some(({ id }) => id === first.id)) return undefined;
  for (const other of rows.filter(({ origin, surplus }) => origin === "taken_over" && surplus)) {
    if (other.phase === "removing") {
      const waiting = await removeRows(io, dnsRecord, [other]);
      if (waiting) return waiting;
    }
    if (other.phase === "there" || (await isGivenUp(other.handle.data, io))) continue;
    const asked = { handle: other.handle, spec: async () => undefined };
    const back = await ensure(io, dnsRecord, asked, async () => undefined);
    if (back instanceof Snooze) return back;
    await io.commit(back.write);
  }
  return undefined;
}
