import { inTransaction, type InTransaction, Snooze } from "#engine/step.ts";
import { putBack } from "#resources/bring.ts";
import { changeOf } from "#resources/changes.ts";
import { ensure } from "#resources/ensure.ts";
import { heldBy } from "#resources/kind.ts";
import { dnsRecord, recordValue } from "#resources/kinds/dns-record.ts";
import { move } from "#resources/ledger.ts";
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
  const waiting = (await putBack(io, { row: first, aspect: recordValue })) ?? (await bringBack(first.id, io));
  if (waiting) return waiting;
  const theirs = await heldBy(io, dnsRecord);
  return inTransaction(async (tx) => {
    for (const row of theirs) await move(tx, row, "left", io.clock.now());
    await io.zones.forget(tx, zone);
  });
}

/** Makes the records anew that the takeover deleted; each once, whatever becomes of its create (rule 14). */
async function bringBack(firstId: string, io: DnsIo): Promise<Snooze | undefined> {
  const mine = { saga_id: io.saga.id, step: io.step };
  const change = await changeOf(io.db, { id: firstId }, recordValue.name, mine);
  // Somebody else has taken the hostname in hand: it is left as they have it.
  if (change?.phase === "left") return undefined;
  const stood = await heldBy(io, dnsRecord, [...livePhases, "gone"]);
  for (const other of stood.filter(({ origin, surplus }) => origin === "taken_over" && surplus)) {
    if (other.phase === "removing") {
      const waiting = await removeRows(io, dnsRecord, [other]);
      if (waiting) return waiting;
    }
    if (other.phase === "there") continue;
    const asked = { handle: other.handle, spec: async () => undefined };
    const back = await ensure(io, dnsRecord, asked, async () => undefined);
    if (back instanceof Snooze) return back;
    await io.commit(back.write);
  }
  return undefined;
}
