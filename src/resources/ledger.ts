import { type Selectable, sql, type Updateable } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { ProviderResources } from "#db/schema.ts";
import { livePhases, mayBegin, mayMove, mayReturn, type Phase } from "./phases.ts";
import { recheckAfterMs } from "./rechecks.ts";

export type Row = Omit<Selectable<ProviderResources>, "history">;
/** A row with its handle as its kind reads it. */
export type Held<Handle> = Omit<Row, "handle"> & { readonly handle: Handle };
type Pointer = Pick<Row, "id" | "kind" | "saga_id" | "phase" | "provider_id">;
type Facts = Partial<Omit<Row, "id" | "kind" | "phase" | "handle">>;

/** Whose something is. */
export interface Owner {
  readonly deployment_id: string | null;
  readonly tenant_id: string | null;
}
export const nobodys: Owner = { deployment_id: null, tenant_id: null };

export type NewRow<Handle> = Pick<Held<Handle>, "id" | "kind" | "saga_id" | "step" | "handle" | "origin" | "phase"> &
  Partial<Held<Handle>>;

/** A row as it begins. */
export const fresh = <Handle>(row: NewRow<Handle>, at: Date): Held<Handle> => ({
  ...nobodys,
  begun_by: row.saga_id,
  provider_id: null,
  surplus: false,
  not_after: null,
  answered_at: null,
  looks_without: 0,
  last_look_at: null,
  foreign_since: null,
  deletes: 0,
  deleted_at: null,
  exposed_until: null,
  recheck_at: null,
  rechecks: 0,
  created_at: at,
  ...row,
});

/** Begins a row. The caller holds the saga's row. */
export async function open(tx: Tx, row: Held<object>): Promise<void> {
  if (!mayBegin(row.phase)) throw new Error(`${nameOf(row)} cannot begin as ${row.phase}`);
  const history = JSON.stringify([entry(row.phase, row.created_at, row.saga_id)]);
  await tx
    .insertInto("provider_resources")
    .values({ ...row, handle: JSON.stringify(row.handle), history })
    .execute();
}

/**
 * Brings a row to its next phase: one guarded statement.
 * @returns the row as it is then
 * @throws when it has been moved elsewhere since, or may not go there
 */
export async function move<R extends Pointer>(
  tx: Tx,
  row: R,
  phase: Phase,
  at: Date,
  facts: Facts & { readonly requestId?: string | undefined } = {},
): Promise<R> {
  const { requestId, ...rest } = facts;
  if (!mayMove(row.phase, phase)) throw new Error(`${nameOf(row)} is ${row.phase} and cannot become ${phase}`);
  const told = JSON.stringify([entry(phase, at, rest.saga_id ?? row.saga_id, requestId)]);
  const change = { ...rest, phase, ...(mayReturn(phase) && { recheck_at: after(at, recheckAfterMs[0]), rechecks: 0 }) };
  await update(tx, row, change, told);
  return { ...row, ...change };
}

/** Writes down what has become known of a row that stays in its phase. @returns the row as it is then */
export async function note<R extends Pointer>(tx: Tx, row: R, facts: Facts): Promise<R> {
  await update(tx, row, facts);
  return { ...row, ...facts };
}

async function update(tx: Tx, row: Pointer, change: Updateable<ProviderResources>, told = "[]"): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("provider_resources")
    .set({ ...change, history: sql`history || ${told}::jsonb` })
    .where("id", "=", row.id)
    .where("phase", "=", row.phase)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const now = await tx.selectFrom("provider_resources").select("phase").where("id", "=", row.id).executeTakeFirst();
  // Said twice is said once.
  if (now?.phase === change.phase) return;
  throw new Error(`${nameOf(row)} is ${now?.phase ?? "not there"}, not ${row.phase}; nothing was written`);
}

const nameOf = (row: Pointer): string =>
  `Row ${row.id} of the ledger (${row.kind} ${row.provider_id ?? "without an id"})`;

const entry = (phase: Phase, at: Date, sagaId: string, requestId?: string) => ({
  phase,
  at: at.toISOString(),
  saga_id: sagaId,
  ...(requestId !== undefined && { request_id: requestId }),
});

/** What a step of a saga answers for, the chosen one first. */
export const rowsOf = (
  db: Db | Tx,
  saga: string,
  step: string,
  kind: string,
  phases: readonly Phase[] = livePhases,
): Promise<Row[]> =>
  db
    .selectFrom("provider_resources")
    .selectAll()
    .where("saga_id", "=", saga)
    .where("step", "=", step)
    .where("kind", "=", kind)
    .where("phase", "in", phases)
    .orderBy("surplus")
    .orderBy("created_at")
    .orderBy("id")
    .execute();

/** An operator has seen by hand to what these steps of the saga could not do. */
export async function abandon(tx: Tx, saga: string, steps: readonly string[], at: Date): Promise<void> {
  if (steps.length === 0) return;
  const rows = await tx
    .selectFrom("provider_resources")
    .selectAll()
    .where("saga_id", "=", saga)
    .where("step", "in", steps)
    .where("phase", "in", livePhases)
    .orderBy("id")
    .execute();
  for (const row of rows) await move(tx, row, "abandoned", at);
}

/** Hands a row to another saga: the one that answered for it has ended. */
export async function handOver(tx: Tx, row: Row, to: Partial<Pick<Row, "saga_id" | "step" | "origin">>): Promise<void> {
  await tx.updateTable("provider_resources").set(to).where("id", "=", row.id).execute();
}

/**
 * Until then somebody may be led to what of these kinds the same owner has, or the saga where there is none: it is not
 * given up before (rule 20).
 */
export async function expose(
  tx: Tx,
  { saga_id, deployment_id }: Pick<Row, "saga_id" | "deployment_id">,
  kinds: readonly string[],
  until: Date,
): Promise<void> {
  await tx
    .updateTable("provider_resources")
    .set({ exposed_until: sql`greatest(exposed_until, ${until}::timestamptz)` })
    .where((row) => (deployment_id ? row("deployment_id", "=", deployment_id) : row("saga_id", "=", saga_id)))
    .where("kind", "in", kinds)
    .where("phase", "in", livePhases)
    .execute();
}

/** Says by what a row is found again from now on. */
export async function rehandle<Handle>(tx: Tx, row: Held<Handle>, handle: Handle): Promise<void> {
  await tx
    .updateTable("provider_resources")
    .set({ handle: JSON.stringify(handle) })
    .where("id", "=", row.id)
    .execute();
}
