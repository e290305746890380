import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { inTransaction, snooze } from "#engine/step.ts";
import { own, relativeName } from "#dns/records.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { aboutToSend, foundNothing, isAbsent, nextLook, refused, unclear } from "../settling.ts";
import { conflictWith, type Hostname, recordsAt } from "./conflict.ts";
import { type DnsIntent, type DnsIo, listAt, madeByUs } from "./intent.ts";
import { deleteRecord } from "./requests.ts";
import { wasRestored } from "./restored.ts";

/** Seconds; short, so that a hostname which moves does so soon. */
const ttl = 300;

export interface Pointing extends Hostname {
  readonly deployment_id: string;
  /** The records at the hostname that an earlier look showed. */
  readonly seen: readonly AddressRecord[];
}

/** Points the hostname's A record to `ip`. Called again until it gives an output. */
export async function point(input: Pointing, ip: string, io: DnsIo) {
  const { intent } = io;
  if (intent?.ip === ip && intent.before.length > 0) return replace(input, intent, io);
  if (intent?.ip === ip && intent.sending.phase !== "refused") return adopt(input, intent, io);

  const before = await recordsBefore(input, io);
  const conflict = conflictWith(before, input);
  const again = conflict !== undefined && before.every((it) => it.data === ip) && (await wasRestored(io));
  if (conflict && !again) throw new PermanentError("dns_conflict", conflict);
  const name = relativeName(input.hostname, input.zone);
  const sending = aboutToSend(io.clock.now());
  const place = { zone: input.zone, name, hostname: input.hostname, ip };
  const fresh: DnsIntent = { ...place, before, sending, bringing_back_until: null, missing_looks: 0, missed: null };
  // It leads to our droplet, and was made after the backup: as after a create whose answer was lost.
  if (again) return adopt(input, { ...fresh, before: [], sending: unclear(sending, io.clock.now()) }, io);
  if (before.length > 0) return replace(input, fresh, io);
  await io.intend(fresh);
  return create(input, fresh, io);
}

/** One listing may miss a record (rule 17): those that an earlier one showed are looked for once more. */
async function recordsBefore(input: Pointing, io: DnsIo): Promise<AddressRecord[]> {
  const shown = await recordsAt(io, input);
  const missed = input.seen.filter((old) => !shown.some((record) => record.id === old.id));
  if (missed.length === 0) return shown;
  const { records } = await listAt(io, input);
  const still = missed.filter((old) => records.some((record) => record.id === old.id));
  return [...shown, ...still].toSorted((a, b) => a.id - b.id);
}

async function create(input: Pointing, intent: DnsIntent, io: DnsIo) {
  const { zone, name, ip, sending } = intent;
  try {
    const call = io.call(io.signal, { notAfter: new Date(sending.not_after) });
    const record = await io.digitalOcean.domains.records.create(zone, { type: "A", name, data: ip, ttl }, call);
    return owned(input, intent, record.id, io);
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || io.signal.aborted) throw error;
    const answered = error.effect === "none" ? refused : unclear;
    await io.intend({ ...intent, sending: answered(sending, io.clock.now()) });
    if (error.effect === "none") throw error;
    await io.note(
      `The DNS record's create was not clearly answered (${error.message}); looking for what it may have made`,
    );
    return snooze(nextLook(sending, io.clock.now(), io.timing), settling);
  }
}

const settling = "an unclear answer to the DNS record's create to settle";

async function adopt(input: Pointing, intent: DnsIntent, io: DnsIo) {
  const { records, begunAt } = await listAt(io, intent);
  const [kept, ...surplus] = madeByUs(records, intent);
  if (kept) {
    for (const twin of surplus) await deleteRecord(io, intent.zone, twin.id);
    await io.note(`Adopted DNS record ${kept.id}, which an earlier attempt had made`);
    return owned(input, intent, kept.id, io);
  }
  const sending = foundNothing(intent.sending, begunAt, io.timing.settle);
  await io.intend({ ...intent, sending });
  if (!isAbsent(sending)) return snooze(nextLook(sending, io.clock.now(), io.timing), settling);
  if (io.clock.now() >= io.deadline)
    throw new PermanentError(
      "create_unanswered",
      "No DNS record's create was answered clearly in all the time there was",
    );
  const again = { ...intent, sending: aboutToSend(io.clock.now()) };
  await io.intend(again);
  return create(input, again, io);
}

/** In place, so that the record keeps its id. A PUT may be repeated, but a late one would undo a rollback. */
async function replace(input: Pointing, intent: DnsIntent, io: DnsIo) {
  const { zone, name, ip, before } = intent;
  const [first, ...others] = before;
  if (!first) throw new Error("A replacement of nothing");
  const sending = aboutToSend(io.clock.now());
  await io.intend({ ...intent, sending });
  const value = { type: "A", name, data: ip, ttl: first.ttl ?? ttl };
  const call = io.call(io.signal, { notAfter: new Date(sending.not_after) });
  await io.digitalOcean.domains.records.replace(zone, first.id, value, call);
  if (others.length === 0) return owned(input, intent, first.id, io);
  for (const other of others) await deleteRecord(io, zone, other.id);
  // Two of them would lead elsewhere, now and then: a DELETE has done something when nothing shows the record.
  const { records } = await listAt(io, intent);
  const left = others.filter((other) => records.some((record) => record.id === other.id));
  if (left.length === 0) return owned(input, intent, first.id, io);
  return snooze(
    after(io.clock.now(), io.timing.poll),
    `${left.length} older records of ${intent.hostname} to disappear`,
  );
}

function owned(input: Pointing, intent: DnsIntent, recordId: number, io: DnsIo) {
  return inTransaction(async (tx) => {
    const { zone, name, ip } = intent;
    const record = { zone, record_id: recordId, name, data: ip, deployment_id: input.deployment_id };
    const at = io.clock.now();
    await own(tx, record, io.saga.id, at);
    await io.zones.forget(tx, zone);
    return { dns_record_id: recordId, dns_written_at: at.toISOString() };
  });
}
