import { after } from "#clock.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { DomainRecord } from "#providers/digitalocean/domains.ts";
import type { Tx } from "#db/connection.ts";
import { inTransaction, type InTransaction, snooze, Snooze } from "#engine/step.ts";
import { disown, release } from "#dns/records.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { foundNothing, isAbsent, nextLook, sendWithinMs } from "../settling.ts";
import { type DnsIntent, type DnsIo, listAt, madeByUs } from "./intent.ts";
import { deleteRecord, giveBack, lookFor } from "./requests.ts";

type Undo = Snooze | InTransaction<void>;

export interface Written {
  readonly deployment_id: string;
  readonly recordId: number | undefined;
  readonly writtenAt: string | undefined;
}

/**
 * Puts the zone back to what it was before, by record id, and only where a record still holds our value: what
 * somebody else changed meanwhile is left to them (rule 22). Called again until all is seen to be undone.
 */
export async function restore(written: Written, io: DnsIo): Promise<Undo> {
  const { intent } = io;
  if (!intent) return inTransaction(async () => undefined);
  const at = written.writtenAt ?? intent.sending.answered_at ?? intent.sending.not_after;
  // Before this, what the provider shows may be older than what we wrote.
  const settled = after(new Date(at), io.timing.settle);
  const [first] = intent.before;
  if (first) return putBack(written, intent, first, settled, io);
  return takeAway(written, intent, settled, io);
}

/** The record that we created is deleted, and seen to be gone. */
async function takeAway(written: Written, intent: DnsIntent, settled: Date, io: DnsIo): Promise<Undo> {
  const id = written.recordId ?? (await findMade(intent, io));
  if (id === "none") return inTransaction((tx) => io.zones.forget(tx, intent.zone));
  if (typeof id !== "number") return id;
  const record = await look(id, intent, settled, io);
  if (record instanceof Snooze) return record;
  const gone = record === "gone";
  if (!gone && record.data !== intent.ip) {
    await io.note(`DNS record ${id} of ${intent.hostname} was changed by somebody else meanwhile; it is left as it is`);
    return forgotten(intent, (tx) => disown(tx, intent.zone, id), io);
  }
  if (gone && written.recordId === undefined && !isAbsent(intent.sending)) {
    // A create without a clear answer may have made more than the one that was found: look once more.
    return lookAgain(intent, io);
  }
  if (gone) {
    const ours = { zone: intent.zone, record_id: id, name: intent.name, data: intent.ip };
    const row = { ...ours, deployment_id: written.deployment_id };
    return forgotten(intent, (tx) => release(tx, row, io.saga.id, io.clock.now()), io);
  }
  await deleteRecord(io, intent.zone, id);
  const next = after(io.clock.now(), io.timing.poll);
  return snooze(next, `DNS record ${id} of ${intent.hostname} to disappear`);
}

const look = (id: number, intent: DnsIntent, settled: Date, io: DnsIo) =>
  lookFor(io, { ...intent, id }, settled, intent.missed, (missed) => io.intend({ ...intent, missed }));

async function findMade(intent: DnsIntent, io: DnsIo): Promise<number | "none" | Snooze> {
  if (isAbsent(intent.sending)) return "none";
  const { records, begunAt } = await listAt(io, intent);
  const [made] = madeByUs(records, intent);
  if (made) return made.id;
  const sending = foundNothing(intent.sending, begunAt, io.timing.settle);
  await io.intend({ ...intent, sending });
  if (isAbsent(sending)) return "none";
  return snooze(nextLook(sending, io.clock.now(), io.timing), "certainty that no DNS record was made");
}

async function lookAgain(intent: DnsIntent, io: DnsIo): Promise<Undo> {
  const again = await findMade(intent, io);
  if (again === "none") return inTransaction((tx) => io.zones.forget(tx, intent.zone));
  if (typeof again !== "number") return again;
  return snooze(after(io.clock.now(), io.timing.poll), `DNS record ${again} of ${intent.hostname} to disappear`);
}

/** The record that we took over gets its old value back, under its old id; those that we deleted come back anew. */
async function putBack(
  written: Written,
  intent: DnsIntent,
  first: AddressRecord,
  settled: Date,
  io: DnsIo,
): Promise<Undo> {
  const { zone } = intent;
  const record = await look(first.id, intent, settled, io);
  if (record instanceof Snooze) return record;
  const gone = record === "gone";
  if (gone || (record.data !== intent.ip && record.data !== first.data)) {
    const what = gone ? "deleted" : "changed";
    await io.note(`DNS record ${first.id} of ${intent.hostname} was ${what} by somebody else; it is left as it is`);
    return forgotten(intent, (tx) => disown(tx, zone, first.id), io);
  }
  const young = io.clock.now() < settled;
  if (record.data === intent.ip || young) {
    const { type, name, data, ttl } = first;
    await giveBack(io, zone, first.id, { type, name, data, ttl });
    const until = young ? after(settled, 1) : after(io.clock.now(), io.timing.poll);
    return snooze(until, `DNS record ${first.id} of ${intent.hostname} to show its old value`);
  }
  return (await bringBack(intent, io)) ?? forgotten(intent, (tx) => disown(tx, zone, first.id), io);
}

/** Makes the records anew that the takeover deleted; each once, whatever becomes of its create (rule 14). */
async function bringBack(intent: DnsIntent, io: DnsIo): Promise<Snooze | undefined> {
  const waitUntil = (until: Date) => snooze(until, `the old records of ${intent.hostname} to be back`);
  const { before, zone, bringing_back_until: pending } = intent;
  if (before.length < 2) return undefined;
  if (pending !== null && new Date(pending) > io.clock.now()) return waitUntil(new Date(pending));
  const { records } = await listAt(io, intent);
  const missing = before.slice(1).filter((old) => !shows(records, old));
  if (missing.length === 0) return undefined;
  const { timing, clock } = io;
  // One look may miss what is there (rule 17), and a duplicate is accepted without a word.
  if (intent.missing_looks === 0) {
    await io.intend({ ...intent, missing_looks: 1 });
    return waitUntil(after(clock.now(), timing.poll));
  }
  const notAfter = after(clock.now(), sendWithinMs);
  const settleFrom = (at: Date) =>
    io.intend({ ...intent, missing_looks: 0, bringing_back_until: after(at, timing.settle).toISOString() });
  await settleFrom(notAfter);
  try {
    for (const { type, name, data, ttl } of missing)
      await io.digitalOcean.domains.records.create(zone, { type, name, data, ttl }, io.call(io.signal, { notAfter }));
  } catch (error) {
    if (error instanceof DigitalOceanError && !io.signal.aborted) await settleFrom(clock.now());
    throw error;
  }
  await settleFrom(clock.now());
  return waitUntil(after(clock.now(), timing.settle));
}

const shows = (records: readonly DomainRecord[], old: AddressRecord): boolean =>
  records.some((record) => record.data === old.data);

const forgotten = (intent: DnsIntent, write: (tx: Tx) => Promise<void>, io: DnsIo): InTransaction<void> =>
  inTransaction(async (tx) => {
    await write(tx);
    await io.zones.forget(tx, intent.zone);
  });
