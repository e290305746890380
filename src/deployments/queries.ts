import { type Insertable, type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import {
  all,
  type Condition,
  type Each,
  equals,
  idBegins,
  holding,
  isAnyOf,
  type Keyset,
  labelled,
  readPage,
  searchPage,
  type Sought,
} from "#db/keyset.ts";
import type { Deployments } from "#db/schema.ts";
import type { ConditionCode } from "./conditions.ts";
import { dropVariables } from "./variables.ts";

export type DeploymentRow = Selectable<Deployments>;
export type DeploymentStatus = DeploymentRow["status"];

type Health = "unknown" | "healthy" | "unhealthy";

export interface DeploymentFilter {
  readonly id_prefix?: string | undefined;
  readonly tenant_id?: string | undefined;
  /** Any of these; `suspended`: those that are active and to be off; `stuck`: those whose saga is, whatever their own status. */
  readonly status?: readonly (DeploymentStatus | "suspended" | "stuck")[] | undefined;
  /** With any of these conditions; `any`: with one, whichever. */
  readonly condition?: readonly (ConditionCode | "any")[] | undefined;
  readonly name?: string | undefined;
  readonly hostname?: string | undefined;
  readonly release?: string | undefined;
  /** All of these. */
  readonly label?: Readonly<Record<string, string>> | undefined;
  /** Any of these. */
  readonly health?: readonly Health[] | undefined;
  readonly q?: string | undefined;
}

export function listDeployments(db: Db, filter: DeploymentFilter, page: Keyset): Promise<DeploymentRow[]> {
  const { q, label, condition, health } = filter;
  const whose = all(equals("tenant_id", filter.tenant_id));
  const list = {
    table: "deployments",
    at: "created_at",
    every: all(
      whose,
      idBegins(filter.id_prefix),
      equals("name", filter.name),
      equals("hostname", filter.hostname),
      equals("release", filter.release),
      condition && hasCondition(condition),
      health?.includes("unknown") ? hasHealth(health) : undefined,
    ),
    some: someOf(filter),
  } as const;
  const sought = [
    ...(q === undefined ? [] : [holding("d", q, ["name", "hostname"])]),
    ...(label === undefined ? [] : [labelled("deployments", label)]),
    ...(health && !health.includes("unknown") ? [knownToBe(health)] : []),
  ];
  return sought.length === 0 ? readPage(db, list, page) : searchPage(db, list, page, whose, sought);
}

/** Of every status that is asked for, those whose health is not known are found where they have a check. */
function someOf({ status, health }: DeploymentFilter): (Condition | Each)[] | undefined {
  const ofStatus = status?.map(hasStatus);
  if (!health?.includes("unknown")) return ofStatus;
  return (ofStatus ?? [all()]).flatMap((one) => [
    all(one, sql<boolean>`health_check is not null`),
    {
      of: sql`(select name from releases where health_check is not null) as checked`,
      condition: all(one, sql<boolean>`deployments.release = checked.name and deployments.health_check is null`),
    },
  ]);
}

function hasStatus(status: DeploymentStatus | "suspended" | "stuck"): Condition {
  if (status === "suspended") return sql<boolean>`status = 'active' and power = 'off'`;
  if (status !== "stuck") return sql<boolean>`status = ${status}`;
  return sql<boolean>`id in (
    select deployment_id from sagas
    where status = 'stuck' and finished_at is null and deployment_id is not null)`;
}

/**
 * By the droplet that serves it; one that has a check and was not asked yet is unknown. Written so that PostgreSQL takes it
 * for what many are: of a comparison it would think that few are, and read all to sort them.
 */
const hasHealth = (wanted: readonly Health[]): Condition => sql<boolean>`
  coalesce(health_check, (select r.health_check from releases r where r.name = deployments.release)) is not null
  and coalesce((
    select h.state = any(${wanted}) from deployment_health h
    join cloud_resources c on c.provider_id = h.provider_id and c.deployment_id = h.deployment_id
    where h.deployment_id = deployments.id and c.deleted_at is null limit 1), ${wanted.includes("unknown")})`;

/** What is known stands in an index. */
const knownToBe = (wanted: readonly Health[]): Sought => {
  const near = hasHealth(wanted);
  const known = isAnyOf(sql`select deployment_id from deployment_health where state = any(${wanted})`);
  return { near, far: all(known, near) };
};

function hasCondition(wanted: readonly (ConditionCode | "any")[]): Condition {
  const which = wanted.includes("any") ? sql`true` : sql`code = any(${wanted})`;
  return sql<boolean>`id in (
    select deployment_id from deployment_conditions where cleared_at is null and raised_at is not null and ${which})`;
}

/** @returns undefined also when the deployment is another tenant's */
export function findDeployment(db: Db | Tx, id: string, tenantId?: string | null): Promise<DeploymentRow | undefined> {
  let query = db.selectFrom("deployments").selectAll().where("id", "=", id);
  if (tenantId) query = query.where("tenant_id", "=", tenantId);
  return query.executeTakeFirst();
}

/** The deployment, kept from every other change until the transaction ends. */
export function lockDeployment(tx: Tx, id: string, tenantId: string | null): Promise<DeploymentRow | undefined> {
  let query = tx.selectFrom("deployments").selectAll().where("id", "=", id);
  if (tenantId !== null) query = query.where("tenant_id", "=", tenantId);
  return query.forUpdate().executeTakeFirst();
}

export async function insertDeployment(
  tx: Tx,
  row: Insertable<Deployments>,
  sealedUserData: Buffer | undefined,
): Promise<void> {
  await tx.insertInto("deployments").values(row).execute();
  if (!sealedUserData) return;
  await tx
    .insertInto("sealed_user_data")
    .values({ owner_id: row.id, sealed: sealedUserData, created_at: row.created_at })
    .execute();
}

/**
 * Moves a deployment in one guarded statement.
 * @returns false, with nothing changed, when it was in none of the statuses `from`
 */
export async function moveDeployment(
  tx: Tx,
  id: string,
  from: readonly DeploymentStatus[],
  to: DeploymentStatus,
  change: Partial<Pick<DeploymentRow, "reason" | "ended_at" | "delete_requested_at">> & { readonly updated_at: Date },
): Promise<boolean> {
  const moved = await tx
    .updateTable("deployments")
    .set({ status: to, ...change })
    .where("id", "=", id)
    .where("status", "in", from)
    .returning("id")
    .executeTakeFirst();
  return moved !== undefined;
}

/** Asks for the deployment's end once its saga has rolled back. @returns false when that saga no longer provisions it */
export async function requestDelete(tx: Tx, id: string, sagaId: string, now: Date): Promise<boolean> {
  const asked = await tx
    .updateTable("deployments")
    .set((eb) => ({ delete_requested_at: eb.fn.coalesce("delete_requested_at", eb.val(now)), updated_at: now }))
    .where("id", "=", id)
    .where("status", "=", "provisioning")
    .where("saga_id", "=", sagaId)
    .returning("id")
    .executeTakeFirst();
  return asked !== undefined;
}

/** The deployment that uses this hostname now. */
export async function hostnameHolder(db: Db | Tx, hostname: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("deployments")
    .select("id")
    .where("hostname", "=", hostname)
    .where("status", "not in", ["cancelled", "terminated"])
    .executeTakeFirst();
  return row?.id;
}

export async function countLiveDeployments(tx: Tx, tenantId: string): Promise<number> {
  const { live } = await tx
    .selectFrom("deployments")
    .select((eb) => eb.fn.countAll<number>().as("live"))
    .where("tenant_id", "=", tenantId)
    .where("status", "not in", ["cancelled", "terminated"])
    .executeTakeFirstOrThrow();
  return live;
}

/** What a tenant has or has asked for, as far as it has a price: its deployments that are neither cancelled nor terminated. */
export const liveSizesOf = (
  tx: Tx,
  tenantId: string,
): Promise<Pick<DeploymentRow, "id" | "size_slug" | "release" | "volume">[]> =>
  tx
    .selectFrom("deployments")
    .select(["id", "size_slug", "release", "volume"])
    .where("tenant_id", "=", tenantId)
    .where("status", "not in", ["cancelled", "terminated"])
    .execute();

export async function terminateCancelledOf(tx: Tx, tenantId: string, now: Date): Promise<void> {
  const ended = await tx
    .updateTable("deployments")
    .set({ status: "terminated", ended_at: now, updated_at: now })
    .where("tenant_id", "=", tenantId)
    .where("status", "=", "cancelled")
    .returning("id")
    .execute();
  const ids = ended.map((row) => row.id);
  if (ids.length > 0) await tx.deleteFrom("sealed_user_data").where("owner_id", "in", ids).execute();
  await dropVariables(tx, ids);
}

/** The hostnames of these deployments, ended ones too. */
export async function hostnamesOf(db: Db | Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("deployments").select(["id", "hostname"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, hostname }) => [id, hostname]));
}
