import { z } from "zod";
import type { DomainRecord } from "#providers/digitalocean/domains.ts";
import type { Attempt } from "#engine/step.ts";
import { addressRecord } from "#fleet/zones.ts";
import { sendingShape } from "../settling.ts";
import type { World } from "../step-context.ts";
import { missedShape } from "./requests.ts";
import { recordsIn } from "./zone-gone.ts";

/** What the step is about to do to the zone, with the snapshot that a rollback goes back to. */
export const dnsIntent = z.object({
  zone: z.string(),
  /** Relative to the zone, and in full. */
  name: z.string(),
  hostname: z.string(),
  ip: z.ipv4(),
  /** The A records that were there before: the first is replaced in place, the others are deleted. */
  before: z.array(addressRecord),
  sending: sendingShape,
  /** Records that were deleted are being brought back: until then, one that is not listed may be there. */
  bringing_back_until: z.iso.datetime().nullable().default(null),
  /** How many looks in a row have not shown all of those. */
  missing_looks: z.int().default(0),
  /** While it is undone: whether nothing shows the record. */
  missed: missedShape.default(null),
});
export type DnsIntent = Readonly<z.output<typeof dnsIntent>>;
export type DnsIo = World & Attempt<DnsIntent>;

/** A fresh look, by name and type, at the A records of the hostname: lowest id first. */
export async function listAt(io: DnsIo, { hostname, zone }: Pick<DnsIntent, "hostname" | "zone">) {
  const filter = { name: hostname, type: "A" };
  const { items, begunAt } = await recordsIn(io, zone, filter);
  return { records: items.toSorted((a, b) => a.id - b.id), begunAt };
}

/** Of these, what an unclear create of ours may have made: our value, under an id that was not there before. */
export const madeByUs = (records: readonly DomainRecord[], intent: DnsIntent): DomainRecord[] =>
  records.filter((record) => record.data === intent.ip && !intent.before.some((old) => old.id === record.id));
