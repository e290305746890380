import { type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { DeploymentConditions } from "#db/schema.ts";
import type { Ids } from "#ids.ts";

export type ConditionRow = Selectable<DeploymentConditions>;
export type ConditionCode = ConditionRow["code"];
/** Who looks after a condition, and clears it. */
export type ConditionSource = ConditionRow["source"];

/** What was found to be true of an active deployment beside its status. */
export interface Finding {
  readonly deployment_id: string;
  readonly code: ConditionCode;
  /** What was found and what was wanted, for people. */
  readonly message: string;
  /** What the operator can do about it. */
  readonly remedy: string;
}

/** What one look has to say: of these deployments it could have found any of these conditions, and found these. */
export interface Findings {
  readonly source: ConditionSource;
  readonly codes: readonly ConditionCode[];
  readonly of: readonly string[];
  readonly found: readonly Finding[];
  /** When the look began: an older one changes nothing that a newer one has said (rule 24). */
  readonly at: Date;
  /** How many looks in a row have to find a condition until it is told; until then it is suspected. */
  readonly enough: number;
}

/**
 * The one way in which conditions come and go: begins or goes on with what the look found, tells what was found often
 * enough, and clears what it did not find any more. Webhooks are told in the same transaction, by triggers.
 */
export async function noteFindings(
  tx: Tx,
  ids: Ids,
  { source, codes, of, found, at, enough }: Findings,
): Promise<void> {
  const held = new Set(found.map(({ deployment_id: id, code }) => `${id} ${code}`));
  if (of.length > 0) {
    const open = await tx
      .selectFrom("deployment_conditions")
      .select(["id", "deployment_id", "code"])
      .where("cleared_at", "is", null)
      .where("source", "=", source)
      .where("code", "in", codes)
      .where("deployment_id", "in", of)
      .where("last_found_at", "<", at)
      .orderBy("id")
      .execute();
    const over = open.filter((row) => !held.has(`${row.deployment_id} ${row.code}`)).map(({ id }) => id);
    if (over.length > 0)
      await tx.updateTable("deployment_conditions").set({ cleared_at: at }).where("id", "in", over).execute();
  }
  if (found.length === 0) return;
  const rows = found.map((it) => ({
    ...it,
    id: ids.uuid(),
    source,
    since: at,
    last_found_at: at,
    raised_at: enough <= 1 ? at : null,
  }));
  await tx
    .insertInto("deployment_conditions")
    .values(rows.toSorted((a, b) => (a.deployment_id < b.deployment_id ? -1 : 1)))
    .onConflict((conflict) =>
      conflict
        .columns(["deployment_id", "code", "source"])
        .where("cleared_at", "is", null)
        .doUpdateSet({
          findings: sql`deployment_conditions.findings + 1`,
          last_found_at: at,
          message: sql`excluded.message`,
          remedy: sql`excluded.remedy`,
          raised_at: sql`coalesce(deployment_conditions.raised_at,
            case when deployment_conditions.findings + 1 >= ${enough}::integer then ${at}::timestamptz end)`,
        })
        .where("deployment_conditions.last_found_at", "<", at),
    )
    .execute();
}

/** Raises a condition, or says of one that is raised what is true by now: for whoever has made sure by itself. */
export const raiseCondition = (tx: Tx, ids: Ids, source: ConditionSource, found: Finding, at: Date): Promise<void> =>
  noteFindings(tx, ids, { source, codes: [found.code], of: [], found: [found], at, enough: 1 });

/** Clears a condition; one that is not there stays so. */
export async function clearCondition(
  tx: Tx,
  source: ConditionSource,
  { deployment_id, code }: Pick<Finding, "deployment_id" | "code">,
  at: Date,
): Promise<void> {
  await tx
    .updateTable("deployment_conditions")
    .set({ cleared_at: at })
    .where("deployment_id", "=", deployment_id)
    .where("code", "=", code)
    .where("source", "=", source)
    .where("cleared_at", "is", null)
    .execute();
}

/** The deployments of which this condition is raised, by this source. */
export async function openConditions(db: Db, source: ConditionSource, code: ConditionCode): Promise<string[]> {
  const rows = await db
    .selectFrom("deployment_conditions")
    .select("deployment_id")
    .where("cleared_at", "is", null)
    .where("source", "=", source)
    .where("code", "=", code)
    .execute();
  return rows.map((row) => row.deployment_id);
}

/** What is true of each of these deployments, the oldest first; those of which nothing is are left out. */
export async function conditionsOf(
  db: Db | Tx,
  deploymentIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ConditionRow[]>> {
  if (deploymentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("deployment_conditions")
    .selectAll()
    .where("deployment_id", "in", deploymentIds)
    .where("cleared_at", "is", null)
    .where("raised_at", "is not", null)
    .orderBy("since")
    .orderBy("code")
    .execute();
  return Map.groupBy(rows, (row) => row.deployment_id);
}

/** How many deployments have each condition now. @param tenant whose; everybody's without one */
export async function countConditions(db: Db, tenant?: string): Promise<ReadonlyMap<ConditionCode, number>> {
  let query = db
    .selectFrom("deployment_conditions")
    .innerJoin("deployments", "deployments.id", "deployment_conditions.deployment_id")
    .select((eb) => ["code", eb.fn.count<number>("deployments.id").distinct().as("count")])
    .where("cleared_at", "is", null)
    .where("raised_at", "is not", null);
  if (tenant !== undefined) query = query.where("deployments.tenant_id", "=", tenant);
  const rows = await query.groupBy("code").execute();
  return new Map(rows.map(({ code, count }) => [code, Number(count)]));
}

/** How many deployments have any condition now. @param tenant whose; everybody's without one */
export async function countDegraded(db: Db, tenant?: string): Promise<number> {
  let query = db
    .selectFrom("deployment_conditions")
    .innerJoin("deployments", "deployments.id", "deployment_conditions.deployment_id")
    .select((eb) => eb.fn.count<number>("deployments.id").distinct().as("count"))
    .where("cleared_at", "is", null)
    .where("raised_at", "is not", null);
  if (tenant !== undefined) query = query.where("deployments.tenant_id", "=", tenant);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

/** Conditions that are over are kept for their history until then. */
export async function purgeConditions(db: Db, before: Date): Promise<void> {
  await db.deleteFrom("deployment_conditions").where("cleared_at", "<", before).execute();
}
