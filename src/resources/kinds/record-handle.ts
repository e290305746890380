import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "#db/connection.ts";
import { goneAmong, unansweredAmong } from "#resources/rows.ts";

/** Under which the ledger has records. */
export const recordKind = "dns_record";

/** By what a record is found again. A record is ours by its id, as long as it holds our value (rule 22). */
export const recordHandle = z.object({
  zone: z.string(),
  /** Relative to the zone, `@` for the zone itself; and in full. */
  name: z.string(),
  hostname: z.string(),
  type: z.string(),
  data: z.string(),
  /** Seconds. */
  ttl: z.int().nullable(),
  /** Where we have led it, or may have, while the droplet at `data` is gone: that is our value too. */
  parking: z.string().optional(),
});
export type RecordHandle = Readonly<z.output<typeof recordHandle>>;

/** Which of these records we have deleted, and are shown with the value that they had then. */
export async function released(
  db: Db,
  records: readonly { readonly id: number; readonly data: string }[],
): Promise<Set<number>> {
  const ids = records.map(({ id }) => String(id));
  const values = new Set(
    (await goneAmong(db, recordKind, ids)).map((row) => `${row.provider_id} ${recordHandle.parse(row.handle).data}`),
  );
  return new Set(records.filter(({ id, data }) => values.has(`${id} ${data}`)).map(({ id }) => id));
}

/** Rows of records that we gave up asking for, and that stand there with the value that we asked for. */
export async function asked(
  db: Db,
  zone: string,
  records: readonly { readonly name: string; readonly data: string }[],
): Promise<readonly { readonly row: string; readonly data: string }[]> {
  if (records.length === 0) return [];
  const rows = await unansweredAmong(db, recordKind, { zone }, "data", [...new Set(records.map(({ data }) => data))]);
  return rows.flatMap(({ id, handle }) => {
    const { name, data } = recordHandle.parse(handle);
    return records.some((it) => it.name.toLowerCase() === name && it.data === data) ? [{ row: id, data }] : [];
  });
}

/** The first of these records that has the id or the name of one that we hold, ask for, or may have made. */
export async function mayBeOurs<Some extends { readonly id: number; readonly name: string }>(
  db: Db,
  zone: string,
  records: readonly Some[],
): Promise<Some | undefined> {
  if (records.length === 0) return undefined;
  const name = sql<string>`handle ->> 'name'`;
  const rows = await db
    .selectFrom("provider_resources")
    .select(["provider_id", name.as("name")])
    .where("kind", "=", recordKind)
    .where("phase", "<>", "gone")
    .where(sql<boolean>`handle @> ${JSON.stringify({ zone })}::jsonb`)
    .where((where) =>
      where.or([
        where(
          "provider_id",
          "in",
          records.map(({ id }) => String(id)),
        ),
        where(
          name,
          "in",
          records.map((it) => it.name.toLowerCase()),
        ),
      ]),
    )
    .execute();
  const [ids, names] = [new Set(rows.map((row) => row.provider_id)), new Set(rows.map((row) => row.name))];
  return records.find((it) => ids.has(String(it.id)) || names.has(it.name.toLowerCase()));
}

/** `app.acme.example.com` in zone `example.com` is `app.acme`; the zone itself is `@`. */
export function relativeName(hostname: string, zone: string): string {
  return hostname === zone ? "@" : hostname.slice(0, -(zone.length + 1));
}

/** A record of a zone, as far as it may decide where a name leads; its own is relative to the zone. */
export interface LeadingRecord {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly data: string;
}

/** Why these records at the hostname cannot become ours; undefined when they can. */
export function faultOfAdopted(
  { hostname, address }: { readonly hostname: string; readonly address: string },
  records: readonly Pick<LeadingRecord, "type" | "data">[],
): string | undefined {
  const [record, other] = records;
  if (!record) return `${hostname} has no record; make an A record that leads to ${address}, or adopt with dns: keep`;
  if (other) return `${hostname} has ${records.length} records; leave one A record that leads to ${address}`;
  if (record.type === "A" && record.data === address) return undefined;
  return `${hostname} has the record ${record.type} ${record.data}, which does not lead to ${address}; adopt with dns: keep`;
}

/**
 * Whether the record makes the world ask elsewhere for the name, whatever stands there in this zone. An NS record hands
 * its name and all below it to other nameservers (RFC 1034, 4.2.1), but at the zone's own name it names the zone's. A
 * DNAME record, which DigitalOcean does not offer today, sends all below its name elsewhere, not the name itself (RFC
 * 6672, 2.3). A CNAME speaks for its own name only, and a wildcard for names that have no record of their own (RFC 4592).
 */
export function leadsAway({ type, name: owner }: Pick<LeadingRecord, "type" | "name">, name: string): boolean {
  const at = owner.toLowerCase();
  const isBelow = at === "@" ? name !== "@" : name.endsWith(`.${at}`);
  if (type === "NS") return at !== "@" && (name === at || isBelow);
  return type === "DNAME" && isBelow;
}
