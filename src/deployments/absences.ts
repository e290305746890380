import { type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { DropletAbsences } from "#db/schema.ts";

/** What there is of proof that somebody else destroyed the droplet of an active deployment. */
export type AbsenceRow = Selectable<DropletAbsences>;

/** A listing of the account that does not show a deployment's droplet. */
export interface Missed {
  readonly deployment_id: string;
  readonly provider_id: number;
  /** Whether it has shown another that should be there, so that it can be believed. */
  readonly isWitnessed: boolean;
}

/** Writes down what a listing that began at `at` has missed; one that is older than the last changes nothing. */
export async function noteMissed(tx: Tx, missed: readonly Missed[], at: Date): Promise<void> {
  if (missed.length === 0) return;
  const rows = missed.map(({ isWitnessed, ...row }) => ({
    ...row,
    since: at,
    last_look_at: at,
    witnessed_since: isWitnessed ? at : null,
  }));
  await tx
    .insertInto("droplet_absences")
    .values(rows.toSorted((a, b) => (a.deployment_id < b.deployment_id ? -1 : 1)))
    .onConflict((conflict) =>
      conflict
        .column("deployment_id")
        .doUpdateSet({
          looks: sql`droplet_absences.looks + 1`,
          last_look_at: at,
          returned_at: null,
          witnessed_since: sql`case when excluded.witnessed_since is not null
            then coalesce(droplet_absences.witnessed_since, excluded.witnessed_since) end`,
        })
        .where("droplet_absences.last_look_at", "<", at),
    )
    .execute();
}

/** A droplet that is shown again. One that is not active is not what a hostname should lead to. */
export interface Returned {
  readonly deployment_id: string;
  readonly isActive: boolean;
}

/**
 * A listing that began at `at` shows these again. Where our record leads nowhere it has to be brought back first; for the
 * others it is over. @returns those for which it is over
 */
export async function noteReturned(tx: Tx, returned: readonly Returned[], at: Date): Promise<string[]> {
  if (returned.length === 0) return [];
  const deploymentIds = returned.map((it) => it.deployment_id);
  const active = returned.filter((it) => it.isActive).map((it) => it.deployment_id);
  if (active.length > 0)
    await tx
      .updateTable("droplet_absences")
      .set({ returned_at: at })
      .where("deployment_id", "in", active)
      .where("last_look_at", "<", at)
      .where("dns", "=", "parked")
      .execute();
  const over = await tx
    .deleteFrom("droplet_absences")
    .where("deployment_id", "in", deploymentIds)
    .where("last_look_at", "<", at)
    .where(sql<boolean>`dns is distinct from 'parked'`)
    .returning("deployment_id")
    .execute();
  return over.map((row) => row.deployment_id);
}

export const listAbsences = (db: Db | Tx): Promise<AbsenceRow[]> =>
  db.selectFrom("droplet_absences").selectAll().orderBy("since").orderBy("deployment_id").execute();

/** Locked until the transaction ends. */
export const holdAbsence = (tx: Tx, deploymentId: string): Promise<AbsenceRow | undefined> =>
  tx
    .selectFrom("droplet_absences")
    .selectAll()
    .where("deployment_id", "=", deploymentId)
    .forUpdate()
    .executeTakeFirst();

/** What becomes known of an absence. @returns whether it is still there */
export async function noteAbsence(
  tx: Tx,
  deploymentId: string,
  facts: Partial<Pick<AbsenceRow, "proven_at" | "witnessed_since" | "returned_at" | "held" | "dns" | "saga_id">>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("droplet_absences")
    .set(facts)
    .where("deployment_id", "=", deploymentId)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Our record is seen to be parked, and nothing here knows of it: as after a restore of what was before that. */
export async function noteFoundParked(
  tx: Tx,
  it: { readonly deployment_id: string; readonly provider_id: number },
  at: Date,
): Promise<void> {
  await tx
    .insertInto("droplet_absences")
    .values({ ...it, since: at, last_look_at: at, dns: "parked" })
    .onConflict((conflict) => conflict.column("deployment_id").doNothing())
    .execute();
}

/** It is over: the droplet is there, and our record leads to it. */
export async function endAbsence(tx: Tx, deploymentId: string): Promise<void> {
  await tx.deleteFrom("droplet_absences").where("deployment_id", "=", deploymentId).execute();
}

/** How many droplets were proven gone since then, those that have come back included; and how many deployments there are. */
export async function countProven(db: Db | Tx, since: Date): Promise<{ proven: number; active: number }> {
  const { rows } = await sql<{ proven: number; active: number }>`
    select
      (select count(distinct deployment_id) from deployment_conditions
        where code = 'droplet_gone' and raised_at > ${since})::integer as proven,
      (select count(*) from deployments where status = 'active')::integer as active`.execute(db);
  return rows[0] ?? { proven: 0, active: 0 };
}
