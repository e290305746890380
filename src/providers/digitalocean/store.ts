import { sql } from "kysely";
import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";

/** No room while there were `limit` requests after `since`; room again at `until`, or when the oldest is `spanMs` old. */
export type Rule = { readonly limit: number; readonly since: Date } & (
  | { readonly until: Date }
  | { readonly spanMs: number }
);

/** What the provider said last of the requests this token has left, and of which request's time that was. */
export interface Told {
  readonly remaining: number;
  readonly at: Date;
}

export interface RequestRow {
  readonly id: string;
  readonly method: string;
  readonly route: string;
  readonly sagaId?: string | undefined;
}

export type Taken = { readonly at: Date } | { readonly fullUntil: Date };

/**
 * Inserts the row of a request that is about to be sent, unless a rule says there is no room. The lock on the
 * budget's row makes every worker's count see the others' rows.
 */
export function reserveRequest(
  db: Db,
  clock: Clock,
  row: RequestRow,
  rulesAt: (now: Date, told: Told | undefined) => readonly Rule[],
): Promise<Taken> {
  return transact(db, async (tx) => {
    const budget = await tx.selectFrom("request_budget").selectAll().forUpdate().executeTakeFirstOrThrow();
    const now = clock.now();
    if (budget.blocked_until && budget.blocked_until > now) return { fullUntil: budget.blocked_until };
    const { remaining, remaining_at } = budget;
    const told = remaining !== null && remaining_at !== null ? { remaining, at: remaining_at } : undefined;
    const rules = rulesAt(now, told);
    const shut = rules.find((rule) => rule.limit <= 0);
    if (shut) return { fullUntil: "until" in shut ? shut.until : after(now, shut.spanMs) };
    const fullUntil = await insertUnlessFull(tx, row, now, rules);
    return fullUntil ? { fullUntil } : { at: now };
  });
}

async function insertUnlessFull(tx: Tx, row: RequestRow, at: Date, rules: readonly Rule[]): Promise<Date | null> {
  // A rule is broken exactly if its limit-th newest request lies inside its window.
  const broken = rules.map(
    (rule) => sql`(
      select ${"until" in rule ? sql`${rule.until}::timestamptz` : sql`at + ${rule.spanMs}::int * interval '1 millisecond'`} as until
      from provider_requests where at > ${rule.since} order by at desc offset ${rule.limit - 1} limit 1
    )`,
  );
  const { rows } = await sql<{ until: Date | null }>`
    with broken as materialized (${sql.join(broken, sql` union all `)}),
    reserved as (
      insert into provider_requests (id, at, method, route, saga_id)
      select ${row.id}::uuid, ${at}::timestamptz, ${row.method}, ${row.route}, ${row.sagaId ?? null}::uuid
      where not exists (select from broken)
    )
    select max(until) as until from broken
  `.execute(tx);
  return rows[0]?.until ?? null;
}

export interface Outcome {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly error?: string | undefined;
  /** What the provider says this token has left in the hour. */
  readonly remaining?: number | undefined;
  /** Until when the provider told us to stay away. */
  readonly blockedUntil?: Date | undefined;
}

/** Records how the request reserved at `at` went; what it says of the budget counts unless a later request said more. */
export async function completeRequest(
  db: Db,
  id: string,
  at: Date,
  durationMs: number,
  outcome: Outcome,
): Promise<void> {
  const { remaining = null, blockedUntil = null } = outcome;
  await db
    .with("noted", (q) =>
      q
        .updateTable("provider_requests")
        .set({
          status: outcome.status ?? null,
          provider_request_id: outcome.requestId ?? null,
          duration_ms: durationMs,
          error: outcome.error ?? null,
        })
        .where("id", "=", id),
    )
    .updateTable("request_budget")
    .set({
      remaining: sql`case when remaining_at > ${at} then remaining when remaining_at = ${at} then least(remaining, ${remaining}::int) else ${remaining}::int end`,
      remaining_at: sql`greatest(remaining_at, ${at})`,
    })
    .where(sql<boolean>`${remaining}::int is not null`)
    .execute();
  if (blockedUntil) {
    await db
      .updateTable("request_budget")
      .set({ blocked_until: sql`greatest(blocked_until, ${blockedUntil}::timestamptz)` })
      .execute();
  }
}

/** Forgets a request that was reserved but never sent. */
export async function releaseRequest(db: Db, id: string): Promise<void> {
  await db.deleteFrom("provider_requests").where("id", "=", id).execute();
}

/** Deletes the requests made before `before`, which must be more than an hour ago; returns how many. */
export async function purgeRequests(db: Db, before: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("provider_requests")
    .where("at", "<", before)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
