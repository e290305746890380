import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { PermanentError } from "#engine/failure.ts";
import { restoredAt } from "#engine/restored.ts";
import { inTransaction, type InTransaction, snooze, Snooze } from "#engine/step.ts";
import { type RecordHandle, relativeName } from "#resources/kinds/record-handle.ts";
import type { AddressRecord } from "#fleet/zones.ts";
import { bring } from "#resources/bring.ts";
import { ensure } from "#resources/ensure.ts";
import { heldBy } from "#resources/kind.ts";
import { dnsRecord, listAt, recordValue } from "#resources/kinds/dns-record.ts";
import { fresh, type Held, move, note, open, type Owner } from "#resources/ledger.ts";
import { removeRows } from "#resources/remove.ts";
import { liveRow } from "#resources/rows.ts";
import { conflictWith, type Hostname, refuseSharedAddress, standingAt } from "./conflict.ts";
import type { DnsIo } from "./io.ts";

export interface Pointing extends Hostname {
  readonly deployment_id: string;
  readonly tenant_id: string;
  /** The records at the hostname that an earlier look showed. */
  readonly seen: readonly AddressRecord[];
}

/** Points the hostname's A record to `ip`. Called again until it gives an output. */
export async function point(input: Pointing, ip: string, io: DnsIo) {
  const { hostname, zone } = input;
  const ours: RecordHandle = {
    zone,
    name: relativeName(hostname, zone),
    hostname,
    type: "A",
    data: ip,
    ttl: ourTtl(io),
  };
  const held = await heldBy(io, dnsRecord);
  if (held.some(({ origin }) => origin === "taken_over")) return takeOver(input, held, io);
  const [made] = held;
  // As it was asked for then: the TTL that is wanted today may be another.
  if (made) return make(input, made.handle, io);

  const before = await recordsBefore(input, io);
  if (before instanceof Snooze) return before;
  await refuseSharedAddress(io, ours, input.deployment_id);
  const conflict = conflictWith(before, input);
  if (conflict !== undefined) {
    // It leads to our droplet, and was made after the backup: it is looked for, and found.
    const isOurs = before.every((it) => it.data === ip) && (await restoredAt(io.db, io.saga.id)) !== undefined;
    if (!isOurs) throw new PermanentError("dns_conflict", conflict);
    return make(input, ours, io);
  }
  if (before.length === 0) return make(input, ours, io);
  const [first] = before;
  const was = first && { data: first.data, ttl: first.ttl };
  return takeOver(input, await claim(input, ours, before, io), io, was);
}

/** Seconds; short, so that a hostname which moves does so soon. */
const ourTtl = ({ timing }: DnsIo): number => Math.round(timing.ttl / 1000);

const ownerOf = ({ deployment_id, tenant_id }: Pointing): Owner => ({ deployment_id, tenant_id });

/**
 * One listing may miss a record, and so may all of some seconds (rule 17): those that an earlier one showed are looked for
 * once more, and once more when that has settled.
 */
async function recordsBefore(input: Pointing, io: DnsIo): Promise<AddressRecord[] | Snooze> {
  const { records: shown, late } = await standingAt(io, input);
  // Ours beside it would lead the hostname to two places.
  const again = after(io.clock.now(), 3 * io.timing.poll);
  if (late !== undefined)
    return snooze(again, `a record of ours at ${input.hostname} that came late (${late}) to be removed`);
  const missed = input.seen.filter((old) => !shown.some((record) => record.id === old.id));
  if (missed.length === 0) return shown;
  const { items } = await listAt(io, { ...input, type: "A" });
  const still = missed.filter((old) => items.some((record) => record.id === old.id));
  const believedAt = after(io.startedAt, io.timing.settle);
  if (still.length < missed.length && io.clock.now() < believedAt)
    return snooze(believedAt, `certainty that what led ${input.hostname} is gone`);
  return [...shown, ...still].toSorted((a, b) => a.id - b.id);
}

const make = (input: Pointing, handle: RecordHandle, io: DnsIo) =>
  ensure(io, dnsRecord, { handle, owner: ownerOf(input), spec: async () => undefined }, async ({ id, at }, tx) =>
    pointed(handle, Number(id), at, tx, io),
  );

async function pointed({ zone, type, name, data, ttl }: RecordHandle, id: number, at: Date, tx: Tx, io: DnsIo) {
  await io.zones.wrote(tx, zone, { id, type, name, data, ttl });
  return { dns_record_id: id, dns_written_at: at.toISOString() };
}

const begins = (input: Pointing, io: DnsIo) => ({
  ...ownerOf(input),
  id: io.ids.uuid(),
  kind: dnsRecord.name,
  saga_id: io.saga.id,
  step: io.step,
});

/** The records that were there become ours to change: the first is kept, the others go. */
async function claim(
  input: Pointing,
  ours: RecordHandle,
  before: readonly AddressRecord[],
  io: DnsIo,
): Promise<Held<RecordHandle>[]> {
  const now = io.clock.now();
  const rows = before.map(({ id, data, ttl }, index) => {
    // A TTL of hours would be waited out when it goes: ours is written where it is longer.
    const handle = index === 0 ? { ...ours, ttl: Math.min(ttl ?? Infinity, ourTtl(io)) } : { ...ours, data, ttl };
    const taken = { origin: "taken_over", phase: "there", provider_id: String(id), surplus: index > 0 } as const;
    return fresh({ ...begins(input, io), ...taken, handle, created_at: after(now, index) }, now);
  });
  await io.commit(async (tx) => {
    for (const row of rows) {
      // Whoever had it before has been overtaken: they have ended, or it would be a conflict.
      const overtaken = await liveRow(tx, dnsRecord.name, row.provider_id ?? "");
      if (overtaken) await move(tx, overtaken, "left", now);
      await open(tx, row);
    }
  });
  return rows;
}

/** In place, so that the record keeps its id. What it was before is in the change. */
async function takeOver(
  input: Pointing,
  held: readonly Held<RecordHandle>[],
  io: DnsIo,
  was?: { readonly data: string; readonly ttl: number | null },
): Promise<Snooze | InTransaction<{ dns_record_id: number; dns_written_at: string }>> {
  const first = held.find(({ surplus }) => !surplus);
  if (!first) throw new Error("A takeover of nothing");
  const { data, ttl } = first.handle;
  const known = input.seen.find(({ id }) => id === Number(first.provider_id));
  const wanted = {
    goal: { data, ttl },
    ...(was && { was }),
    known: known && { data: known.data, ttl: known.ttl },
  };
  const changed = await bring(io, { row: first, aspect: recordValue }, wanted, async () => undefined);
  if (changed instanceof Snooze) return changed;
  await io.commit(async (tx) => {
    await changed.write(tx);
    // From here on what the provider shows of it may be older than what we wrote.
    await note(tx, first, { answered_at: io.clock.now() });
  });
  const surplus = held.filter((it) => it.surplus);
  const waiting = await removeRows(io, dnsRecord, surplus);
  if (waiting) return waiting;
  return inTransaction(async (tx) => {
    for (const { handle, provider_id: id } of surplus) await io.zones.removed(tx, handle.zone, Number(id));
    return pointed(first.handle, Number(first.provider_id), io.clock.now(), tx, io);
  });
}
