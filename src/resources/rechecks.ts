import type { Db, Tx } from "#db/connection.ts";
import type { Row } from "./ledger.ts";

const minute = 60_000;

/**
 * How long after something has ended it is looked at again: a create that was given up may act late, and a provider may
 * have hidden what is there (rule 25). Milliseconds.
 */
export const recheckAfterMs = [15 * minute, 120 * minute, 24 * 60 * minute] as const;

/** How long it is from this recheck of a row to its next; undefined after the last. */
export function untilNextRecheck({ rechecks }: Pick<Row, "rechecks">): number | undefined {
  const [done, next] = [recheckAfterMs[rechecks], recheckAfterMs[rechecks + 1]];
  return done === undefined || next === undefined ? undefined : next - done;
}

/** What is to be looked at again by now, the longest due first. */
export const dueForRecheck = (db: Db | Tx, now: Date, atMost: number): Promise<Row[]> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("recheck_at", "<=", now)
    .orderBy("recheck_at")
    .orderBy("id")
    .limit(atMost)
    .execute();

/** Puts a row's next recheck down; null: there is none. `rechecks`: how many it has had. */
export async function recheckNext(
  db: Db | Tx,
  { id }: Pick<Row, "id">,
  next: { readonly recheck_at: Date | null; readonly rechecks?: number },
): Promise<void> {
  await db.updateTable("provider_resources").set(next).where("id", "=", id).execute();
}

/** Has what these ids had, and is gone, looked at at once: it is seen again. */
export async function recheckSeen(db: Db | Tx, kind: string, ids: readonly string[], now: Date): Promise<void> {
  await db
    .updateTable("provider_resources")
    .set({ recheck_at: now })
    .where("kind", "=", kind)
    .where("provider_id", "in", ids)
    .where("phase", "=", "gone")
    .where((row) => row.or([row("recheck_at", "is", null), row("recheck_at", ">", now)]))
    .execute();
}

/** Has these rows looked at at once: what was given up has come late. */
export async function recheckRows(db: Db | Tx, ids: readonly string[], now: Date): Promise<void> {
  await db.updateTable("provider_resources").set({ recheck_at: now }).where("id", "in", ids).execute();
}

/** What this id has is not there, though nobody of ours has ended it: whatever outlives it is taken away in a day. */
export async function recheckLast(db: Db | Tx, kind: string, id: string, at: Date): Promise<void> {
  await db
    .updateTable("provider_resources")
    .set({ recheck_at: at, rechecks: recheckAfterMs.length - 1 })
    .where("kind", "=", kind)
    .where("provider_id", "=", id)
    .execute();
}
