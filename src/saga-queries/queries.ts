import { asBegun } from "#step-begun.ts";
import { endedStatuses, hasEnded } from "#saga-ended.ts";
import { type Selectable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import { all, type Condition, equals, idBegins, type Keyset, readPage } from "#db/keyset.ts";
import type { SagaEvents, Sagas, SagaSteps } from "#db/schema.ts";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { liveRow, madeBySagas } from "#resources/rows.ts";
import { type Leaves, leavesOf } from "./leaves.ts";

/** A saga as it is shown: without its input, context and lease. */
export type SagaView = Pick<Selectable<Sagas>, (typeof sagaColumns)[number]>;
export type StepView = Pick<Selectable<SagaSteps>, (typeof stepColumns)[number]>;
export interface SagaWithSteps extends SagaView {
  readonly steps: readonly StepView[];
  /** The droplet that it made, once that is known. */
  readonly made: number | null;
  /** Null once it has ended. */
  readonly leaves: Leaves | null;
  /** Nobody can work on it, or on any other: its deadlines stand still. */
  readonly standsStill: boolean;
}

const sagaColumns = [
  "id",
  "name",
  "status",
  "direction",
  "deployment_id",
  "tenant_id",
  "provider_id",
  "waiting_for",
  "watching",
  "due_at",
  "error",
  "stuck_error",
  "cancel_requested_at",
  "cancel_reason",
  "resolution",
  "created_at",
  "started_at",
  "finished_at",
  "position",
  "step_started_at",
  "step_deadline_at",
] as const;

const stepColumns = [
  "saga_id",
  "name",
  "status",
  "attempts",
  "undo_attempts",
  "waiting_for",
  "watching",
  "retry_at",
  "deadline_at",
  "undo_deadline_at",
  "error",
  "undo_error",
  "started_at",
  "finished_at",
  "undo_started_at",
  "undo_finished_at",
] as const;

export interface SagaFilter {
  readonly id_prefix?: string | undefined;
  readonly tenant_id?: string | undefined;
  readonly deployment_id?: string | undefined;
  readonly status?: readonly SagaView["status"][] | undefined;
  readonly name?: readonly string[] | undefined;
}

/** As many queries, however many sagas. */
export async function listSagas(db: Db, filter: SagaFilter, page: Keyset): Promise<SagaWithSteps[]> {
  const whose = all(equals("tenant_id", filter.tenant_id), equals("deployment_id", filter.deployment_id));
  const every = all(whose, idBegins(filter.id_prefix));
  const named = filter.name?.map((name) => equals("name", name)) ?? [undefined];
  const some = named.flatMap((name) => statusesAmong(filter.status).map((status) => all(name, status)));
  const list = { table: "sagas", at: "created_at", columns: sagaColumns, every, some } as const;
  return withSteps(db, await readPage<SagaView>(db, list, page));
}

const directions = { completed: "forward", rolled_back: "back" } as const;

/** Those that live are few; those that have ended are found by the way they went, since no index names the status. */
function statusesAmong(wanted: SagaFilter["status"]): (Condition | undefined)[] {
  if (!wanted) return [undefined];
  const live = wanted.filter((status) => !hasEnded(status));
  const ended = wanted.filter(hasEnded);
  return [
    ...(live.length > 0 ? [sql<boolean>`finished_at is null and status in (${sql.join(live)})`] : []),
    ...ended.map(
      (status) => sql<boolean>`finished_at is not null and direction = ${directions[status]} and status = ${status}`,
    ),
  ];
}

/** @returns undefined also when the saga is another tenant's */
export async function findSaga(db: Db | Tx, id: string, tenantId?: string | null): Promise<SagaWithSteps | undefined> {
  let query = db.selectFrom("sagas").select(sagaColumns).where("id", "=", id);
  if (tenantId) query = query.where("tenant_id", "=", tenantId);
  const [saga] = await withSteps(db, await query.execute());
  return saga;
}

/** The newest saga of each deployment that has one, by the deployment's id. */
export async function newestSagas(db: Db | Tx, deploymentIds: readonly string[]): Promise<Map<string, SagaWithSteps>> {
  if (deploymentIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("sagas")
    .select(sagaColumns)
    .distinctOn("deployment_id")
    .where("deployment_id", "in", deploymentIds)
    .orderBy("deployment_id")
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
  const sagas = await withSteps(db, rows);
  return new Map(sagas.flatMap((saga) => (saga.deployment_id ? [[saga.deployment_id, saga]] : [])));
}

async function withSteps(db: Db | Tx, sagas: readonly SagaView[]): Promise<SagaWithSteps[]> {
  if (sagas.length === 0) return [];
  const steps = await db
    .selectFrom("saga_steps")
    .select(stepColumns)
    .where(
      "saga_id",
      "in",
      sagas.map((saga) => saga.id),
    )
    .orderBy("saga_id")
    .orderBy("position")
    .execute();
  const bySaga = Map.groupBy(steps, (step) => step.saga_id);
  const leaves = await leavesOf(db, sagas);
  const made = await madeBySagas(
    db,
    dropletKind,
    sagas.map(({ id }) => id),
  );
  const standsStill = await isUnattended(db);
  return sagas.map((saga) => ({
    ...saga,
    steps: asBegun(saga, bySaga.get(saga.id) ?? []),
    standsStill,
    made: made.has(saga.id) ? Number(made.get(saga.id)) : null,
    leaves: leaves.get(saga.id) ?? null,
  }));
}

/**
 * Whether nobody can work on sagas, as the engine has it: no worker that can has said so for two of its beats. By the
 * clock of the database, which those who only look have in common.
 */
async function isUnattended(db: Db | Tx): Promise<boolean> {
  const row = await db
    .selectFrom("attendance")
    .select(sql<boolean>`attended_at < now() - interval '20 seconds'`.as("is_past"))
    .executeTakeFirst();
  return row?.is_past ?? false;
}

export type EventRow = Selectable<SagaEvents>;

/** The events after a sequence, oldest first: of the rows that tell them no more are read than that takes. */
export async function eventsAfter(db: Db, sagaId: string, sequence: number, limit: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    select told.* from (
      select * from saga_log where saga_id = ${sagaId} and sequence > ${sequence} order by sequence limit ${limit}
    ) as log
    cross join lateral (
      select log.saga_id, log.sequence, log.at, log.type, log.data where log.news is null
      union all
      select log.saga_id, (log.sequence - jsonb_array_length(log.news) + number)::int, log.at, it ->> 'type', it -> 'data'
      from jsonb_array_elements(log.news) with ordinality as news (it, number)
    ) as told
    where told.sequence > ${sequence}
    order by told.sequence limit ${limit}`.execute(db);
  return rows;
}

/** The saga of the deployment that still runs, or is stuck; there is at most one. */
export async function liveSagaOf(tx: Tx, deploymentId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("sagas")
    .select("id")
    .where("deployment_id", "=", deploymentId)
    .where("status", "not in", endedStatuses)
    .executeTakeFirst();
  return row?.id;
}

/** Which of these sagas still run, or are stuck. */
export async function liveAmong(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .selectFrom("sagas")
    .select("id")
    .where("id", "in", ids)
    .where("status", "not in", endedStatuses)
    .execute();
  return rows.map((row) => row.id);
}

/** The live saga that answers for this droplet, if there is one: it does so before the inventory has it. */
export async function liveMakerOf(tx: Tx, providerId: number): Promise<string | undefined> {
  const row = await liveRow(tx, dropletKind, String(providerId));
  const [live] = row ? await liveAmong(tx, [row.saga_id]) : [];
  return live;
}

/** The live saga that destroys this droplet, if there is one. */
export async function liveSagaOfDroplet(tx: Tx, providerId: number): Promise<string | undefined> {
  const row = await tx
    .selectFrom("sagas")
    .select("id")
    .where("provider_id", "=", providerId)
    .where("status", "not in", endedStatuses)
    .executeTakeFirst();
  return row?.id;
}

export async function sagaStatus(db: Db, id: string): Promise<SagaView["status"] | undefined> {
  const row = await db.selectFrom("sagas").select("status").where("id", "=", id).executeTakeFirst();
  return row?.status;
}
