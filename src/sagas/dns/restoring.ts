import { after } from "#clock.ts";
import { inTransaction, type InTransaction, Snooze } from "#engine/step.ts";
import { dropletsAt } from "#inventory/registration.ts";
import { putBack } from "#resources/bring.ts";
import { type Change, changeOf } from "#resources/changes.ts";
import { ensure } from "#resources/ensure.ts";
import { heldBy } from "#resources/kind.ts";
import { believedMs, dnsRecord, ledTo, recordValue } from "#resources/kinds/dns-record.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import { expose, move } from "#resources/ledger.ts";
import { livePhases } from "#resources/phases.ts";
import { remove, removeRows } from "#resources/remove.ts";
import type { DnsIo } from "./io.ts";

/**
 * Puts the zone back to what it was before, by record id, and only where a record still holds our value: what somebody
 * else changed meanwhile is left to them (rule 22). Called again until all is seen to be undone.
 */
export async function restore(zone: string, io: DnsIo): Promise<Snooze | InTransaction<void>> {
  const held = await heldBy(io, dnsRecord);
  const first = held.find(({ origin, surplus }) => origin === "taken_over" && !surplus);
  if (!first)
    return remove(io, dnsRecord, async (tx, removed) => {
      if (removed) await io.zones.removed(tx, zone, Number(removed.row.provider_id));
    });
  const change = await changeOf(io.db, first, recordValue.name, { saga_id: io.saga.id, step: io.step });
  if (first.phase === "removing" || (await ledToOurs(change, io))) return giveUp(zone, io);
  const waiting = (await putBack(io, { row: first, aspect: recordValue })) ?? (await bringBack(change, io));
  if (waiting) return waiting;
  const theirs = await heldBy(io, dnsRecord);
  const { ttl } = (theirs.find(({ id }) => id === first.id) ?? first).handle;
  return inTransaction(async (tx) => {
    const now = io.clock.now();
    // Until just now it may have led to our droplet.
    if (io.timing.drain) await expose(tx, first, ledTo, after(now, believedMs(ttl)));
    for (const row of theirs) await move(tx, row, "left", now);
    await io.zones.forget(tx, zone);
  });
}

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
async function giveUp(zone: string, io: DnsIo): Promise<Snooze | InTransaction<void>> {
  const held = await heldBy(io, dnsRecord);
  const others = held.filter(({ origin, phase, surplus }) => origin === "taken_over" && surplus && phase === "there");
  if (held.some(({ phase, surplus }) => !surplus && phase === "there"))
    await io.note("The record led to an address that we have given up since: it is removed, and not put back");
  if (others.length > 0)
    await io.commit(async (tx) => {
      for (const row of others) await move(tx, row, "left", io.clock.now());
    });
  return remove(io, dnsRecord, (tx) => io.zones.forget(tx, zone));
}

/** Makes the records anew that the takeover deleted; each once, whatever becomes of its create (rule 14). */
async function bringBack(change: Change | undefined, io: DnsIo): Promise<Snooze | undefined> {
  // Somebody else has taken the hostname in hand: it is left as they have it.
  const now = change && (await changeOf(io.db, { id: change.resource_id }, change.aspect, change));
  if (now?.phase === "left") return undefined;
  const stood = await heldBy(io, dnsRecord, [...livePhases, "gone"]);
  for (const other of stood.filter(({ origin, surplus }) => origin === "taken_over" && surplus)) {
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
