import { z } from "zod";
import type { Db } from "#db/connection.ts";
import { goneAmong } from "#resources/rows.ts";

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

/** `app.acme.example.com` in zone `example.com` is `app.acme`; the zone itself is `@`. */
export function relativeName(hostname: string, zone: string): string {
  return hostname === zone ? "@" : hostname.slice(0, -(zone.length + 1));
}
