import { type Insertable, type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { isOlder, type Keyset } from "#db/keyset.ts";
import type { Snapshots } from "#db/schema.ts";
import { endedStatuses } from "#saga-ended.ts";

/** A snapshot of a deployment that is there, with its id at the provider. */
export type SnapshotRow = Selectable<Snapshots> & { readonly provider_id: string | null };

export async function keepSnapshot(tx: Db | Tx, row: Insertable<Snapshots>): Promise<void> {
  await tx.insertInto("snapshots").values(row).execute();
}

/** It is gone from the provider. */
export async function forgetSnapshot(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom("snapshots").where("id", "=", id).execute();
}

/** Of which kinds there are some whose size is not known yet. */
export async function withoutSize(db: Db): Promise<Selectable<Snapshots>["kind"][]> {
  const rows = await db
    .selectFrom("snapshots")
    .select("kind")
    .distinct()
    .where("size_gib", "is", null)
    .orderBy("kind")
    .execute();
  return rows.map(({ kind }) => kind);
}

/** Writes down how large those are of which that was not known. */
export async function noteSizes(
  db: Db,
  kind: Selectable<Snapshots>["kind"],
  sizes: readonly { readonly id: string; readonly gib: number }[],
): Promise<void> {
  if (sizes.length === 0) return;
  await sql`
    update snapshots set size_gib = told.gib
    from jsonb_to_recordset(${JSON.stringify(sizes)}::jsonb) told(id text, gib numeric), provider_resources held
    where held.kind = ${kind} and held.provider_id = told.id and snapshots.id = held.id and snapshots.size_gib is null
  `.execute(db);
}

const there = (db: Db | Tx) =>
  db
    .selectFrom("snapshots")
    .innerJoin("provider_resources as held", "held.id", "snapshots.id")
    .selectAll("snapshots")
    .select("held.provider_id")
    .where("held.phase", "=", "there");

/** Those of a deployment, the newest first. */
export const listSnapshots = (db: Db, deploymentId: string, page: Keyset): Promise<SnapshotRow[]> =>
  there(db)
    .where("snapshots.deployment_id", "=", deploymentId)
    .where(isOlder("snapshots.created_at", "snapshots.id", page.after))
    .orderBy("snapshots.created_at", "desc")
    .orderBy("snapshots.id", "desc")
    .limit(page.limit)
    .execute();

/** What a tenant's snapshots hold, in GiB, those of deployments that have ended too; of one just taken it is not known yet. */
export async function keptGibOf(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await sql<{ gib: number }>`
    select coalesce(sum(taken.size_gib), 0)::float8 as gib
    from snapshots taken join provider_resources held on held.id = taken.id
    where taken.tenant_id = ${tenantId} and held.phase = 'there'
  `.execute(tx);
  return rows[0]?.gib ?? 0;
}

/** The snapshot of the deployment's droplet of this id or name, kept from expiring until the transaction ends. */
export async function holdSnapshot(tx: Tx, deploymentId: string, which: string): Promise<SnapshotRow | undefined> {
  const rows = await there(tx)
    .where("snapshots.deployment_id", "=", deploymentId)
    .where("snapshots.kind", "=", "snapshot")
    .where((where) =>
      where.or([where("snapshots.name", "=", which), where(where.cast("snapshots.id", "text"), "=", which)]),
    )
    .forUpdate()
    .execute();
  return rows[0];
}

/** Those that are kept no longer, and that no saga of their deployment may need; held until the transaction ends. */
export const expiredSnapshots = (tx: Tx, now: Date, limit: number): Promise<SnapshotRow[]> =>
  there(tx)
    .where("snapshots.expires_at", "<=", now)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("sagas")
            .select("sagas.id")
            .whereRef("sagas.deployment_id", "=", "snapshots.deployment_id")
            .where("sagas.status", "not in", endedStatuses),
        ),
      ),
    )
    .where((where) =>
      where.exists(
        where
          .selectFrom("sagas as owner")
          .select("owner.id")
          .whereRef("owner.id", "=", "held.saga_id")
          .where("owner.status", "in", endedStatuses),
      ),
    )
    .orderBy("snapshots.expires_at")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
