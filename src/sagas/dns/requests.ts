import { z } from "zod";
import { after } from "#clock.ts";
import type { DomainRecord, DomainRecordInput } from "#providers/digitalocean/domains.ts";
import { fullName } from "#dns/records.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import { sendWithinMs } from "../settling.ts";
import type { World } from "../step-context.ts";
import { recordsIn } from "./zone-gone.ts";

type Io = World & { readonly signal: AbortSignal };

export interface Whereabouts {
  readonly zone: string;
  readonly id: number;
  /** Relative to the zone. */
  readonly name: string;
}

/** The record that nothing has shown since, kept in the step's intent; times as ISO strings. */
export const missedShape = z.object({ record_id: z.int(), since: z.iso.datetime() }).nullable();
export type Missed = Readonly<z.output<typeof missedShape>>;

/**
 * The record as the provider shows it, or the certainty that it is gone: two looks, a poll apart and both begun once
 * what we wrote has settled, have missed it by its id and in the listing. A droplet must not go while a record of ours
 * leads to it (rules 17 and 19).
 * @param settled from when on what the provider shows is not older than what we wrote
 * @param keep commits when it was missed first
 */
export async function lookFor(
  io: Io,
  where: Whereabouts,
  settled: Date,
  missed: Missed,
  keep: (missed: Missed) => Promise<void>,
): Promise<DomainRecord | "gone" | Snooze> {
  const begunAt = io.clock.now();
  const record = await findRecord(io, where);
  if (record) {
    if (missed) await keep(null);
    return record;
  }
  const waitingFor = `certainty that DNS record ${where.id} is gone`;
  if (begunAt <= settled) return snooze(after(settled, 1), waitingFor);
  const isFirst = missed?.record_id !== where.id;
  const again = after(isFirst ? begunAt : new Date(missed.since), io.timing.poll);
  if (begunAt >= again) return "gone";
  if (isFirst) await keep({ record_id: where.id, since: begunAt.toISOString() });
  return snooze(again, waitingFor);
}

/** @returns undefined when it is answered with a 404 and not listed either, or its zone is gone */
async function findRecord(io: Io, { zone, id, name }: Whereabouts): Promise<DomainRecord | undefined> {
  const { records } = io.digitalOcean.domains;
  try {
    return await records.get(zone, id, io.call(io.signal));
  } catch (error) {
    if (!(error instanceof DigitalOceanError && error.reason === "not_found")) throw error;
    const filter = { name: fullName(name, zone), type: "A" };
    const { items } = await recordsIn(io, zone, filter);
    return items.find((record) => record.id === id);
  }
}

/** A change of a record that a frozen worker sent late would hit whoever has it by then (rule 12). */
const soon = (io: Io) => io.call(io.signal, { notAfter: after(io.clock.now(), sendWithinMs) });

/** Deletes a record; one that is gone already is as good as deleted. */
export async function deleteRecord(io: Io, zone: string, id: number): Promise<void> {
  try {
    await io.digitalOcean.domains.records.delete(zone, id, soon(io));
  } catch (error) {
    if (!(error instanceof DigitalOceanError && error.reason === "not_found")) throw error;
  }
}

/** Gives a record, under its id, the value that it had before us. */
export async function giveBack(io: Io, zone: string, id: number, value: DomainRecordInput): Promise<void> {
  await io.digitalOcean.domains.records.replace(zone, id, value, soon(io));
}
