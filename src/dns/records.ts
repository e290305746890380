import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "#db/connection.ts";
import { recheckSeen } from "#resources/rechecks.ts";
import { livePhases } from "#resources/phases.ts";
import { goneAmong, type Row } from "#resources/rows.ts";

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

/**
 * Which of these records we have deleted, and are shown as they were then: by a listing that lags, or because they are
 * there after all, which is looked at at once. One that has another value is whoever's wrote it.
 */
export async function released(
  db: Db,
  records: readonly { readonly id: number; readonly data: string }[],
  now: Date,
): Promise<Set<number>> {
  const ids = records.map(({ id }) => String(id));
  const values = new Set(
    (await goneAmong(db, recordKind, ids)).map((row) => `${row.provider_id} ${recordHandle.parse(row.handle).data}`),
  );
  const found = records.filter(({ id, data }) => values.has(`${id} ${data}`)).map(({ id }) => id);
  if (found.length > 0) await recheckSeen(db, recordKind, found.map(String), now);
  return new Set(found);
}

/**
 * Our records that lead, or may lead, to the address of `ours` for somebody else: as the ledger has them, and those among
 * `ids`, which a listing shows to lead there, that were ours once.
 */
export function recordsLeadingTo(
  db: Db,
  { zone, data }: Pick<RecordHandle, "zone" | "data">,
  { deploymentId, ids }: { readonly deploymentId: string; readonly ids: readonly number[] },
): Promise<Row[]> {
  return db
    .selectFrom("provider_resources")
    .selectAll()
    .where("kind", "=", recordKind)
    .where("deployment_id", "is distinct from", deploymentId)
    .where((row) =>
      row.or([
        row.and([
          row("phase", "in", livePhases),
          row(sql`handle ->> 'data'`, "=", data),
          row(sql`handle ->> 'zone'`, "=", zone),
        ]),
        row.and([row("phase", "=", "gone"), row("provider_id", "in", ["", ...ids.map(String)])]),
      ]),
    )
    .orderBy("created_at")
    .execute();
}

/** `app.acme.example.com` in zone `example.com` is `app.acme`; the zone itself is `@`. */
export function relativeName(hostname: string, zone: string): string {
  return hostname === zone ? "@" : hostname.slice(0, -(zone.length + 1));
}
