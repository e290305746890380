import type { Tx } from "#db/connection.ts";

/** A record that we made, or took over with replace_dns. It is ours by its id, not by its value (rule 22). */
export interface OwnedRecord {
  readonly zone: string;
  readonly record_id: number;
  /** Relative to the zone, `@` for the zone itself. */
  readonly name: string;
  readonly data: string;
  readonly deployment_id: string;
}

export async function own(tx: Tx, record: OwnedRecord, sagaId: string, at: Date): Promise<void> {
  const row = { ...record, saga_id: sagaId, created_at: at, released_at: null };
  await tx
    .insertInto("dns_records")
    .values(row)
    .onConflict((conflict) => conflict.columns(["zone", "record_id"]).doUpdateSet(row))
    .execute();
}

/** We deleted the record: remembered by its id, since listings that lag go on showing it for a while. */
export async function release(tx: Tx, record: OwnedRecord, sagaId: string, at: Date): Promise<void> {
  const row = { ...record, saga_id: sagaId, created_at: at, released_at: at };
  await tx
    .insertInto("dns_records")
    .values(row)
    .onConflict((conflict) => conflict.columns(["zone", "record_id"]).doUpdateSet({ released_at: at }))
    .execute();
}

/** The record goes back to whoever had it before us. */
export async function disown(tx: Tx, zone: string, recordId: number): Promise<void> {
  await tx.deleteFrom("dns_records").where("zone", "=", zone).where("record_id", "=", recordId).execute();
}

/** The deployment has ended: what it still claims, an operator has resolved by hand. */
export async function disownAll(tx: Tx, deploymentId: string): Promise<void> {
  await tx
    .deleteFrom("dns_records")
    .where("deployment_id", "=", deploymentId)
    .where("released_at", "is", null)
    .execute();
}

export const recordOf = (db: Pick<Tx, "selectFrom">, deploymentId: string) =>
  db
    .selectFrom("dns_records")
    .select(["zone", "record_id", "name", "data", "deployment_id", "created_at"])
    .where("deployment_id", "=", deploymentId)
    .where("released_at", "is", null)
    .executeTakeFirst();

/** Which of these records are ones that we deleted. */
export async function released(db: Pick<Tx, "selectFrom">, zone: string, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("dns_records")
    .select("record_id")
    .where("zone", "=", zone)
    .where("record_id", "in", [...ids])
    .where("released_at", "is not", null)
    .execute();
  return new Set(rows.map((row) => row.record_id));
}

/** `app.acme.example.com` in zone `example.com` is `app.acme`; the zone itself is `@`. */
export function relativeName(hostname: string, zone: string): string {
  return hostname === zone ? "@" : hostname.slice(0, -(zone.length + 1));
}

/** The other way round. */
export const fullName = (name: string, zone: string): string => (name === "@" ? zone : `${name}.${zone}`);
