import { type Selectable, sql } from "kysely";
import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { RequestBudget } from "#db/schema.ts";
import { transact } from "#db/transact.ts";

/** No room while there were `limit` requests after `since`; room again at `until`, or when the oldest is `spanMs` old. */
export type Rule = { readonly limit: number; readonly since: Date } & (
  | { readonly until: Date }
  | { readonly spanMs: number }
);

/** What is known of the provider's room beside our own requests. */
export interface Room {
  /** What the provider said last of the requests this token has left, and of which request's time that was. */
  readonly told: { readonly remaining: number; readonly at: Date } | undefined;
  /** How many a minute the last refusal has left us, and when that was. */
  readonly share: { readonly least: number; readonly at: Date } | undefined;
}

/** A request that is about to be sent. */
export interface Reserving {
  readonly id: string;
  readonly method: string;
  readonly route: string;
  readonly sagaId?: string | undefined;
  /** Its place in the queue: the lowest rank first, then the lowest id. */
  readonly waiter: { readonly id: string; readonly rank: number };
  /** Whether it is to be sent at once, or only wants to know when its turn is. */
  readonly takes: boolean;
  /** Whether it may find out if a long Retry-After still holds. */
  readonly isProbe: boolean;
}

export type Taken =
  | { readonly at: Date; readonly isProbe: boolean }
  /** When there should be room for it, with all who come before it. */
  | { readonly turnAt: Date };

/** How long after its turn who waits is still expected. Milliseconds. */
const expectedMs = 10_000;
/** How long a Retry-After is believed: DigitalOcean's own ends with the minute. A longer one is tried at times. Milliseconds. */
export const believedMs = 60_000;

/**
 * Inserts the row of a request that is about to be sent, unless a rule, or who waits before it, leaves no room. The lock
 * on the budget's row makes every worker's count see the others' rows.
 */
export function reserveRequest(
  db: Db,
  clock: Clock,
  request: Reserving,
  rulesAt: (now: Date, room: Room) => readonly Rule[],
): Promise<Taken> {
  return transact(db, async (tx) => {
    const budget = await tx.selectFrom("request_budget").selectAll().forUpdate().executeTakeFirstOrThrow();
    const now = clock.now();
    const isBlocked = budget.blocked_until !== null && budget.blocked_until > now;
    const mayProbe = budget.probe_at !== null && budget.probe_at <= now;
    if (isBlocked && request.isProbe && mayProbe) {
      await tx
        .updateTable("request_budget")
        .set({ probe_at: after(now, believedMs) })
        .execute();
      await insertRequest(tx, request, now);
      return { at: now, isProbe: true };
    }
    const rules = rulesAt(now, roomOf(budget));
    const shutUntil = isBlocked ? unblockedAt(budget, now) : undefined;
    const turnAt = await insertUnlessFull(tx, request, now, { rules, shutUntil });
    return turnAt ? { turnAt } : { at: now, isProbe: false };
  });
}

function roomOf({ remaining, remaining_at, share, share_at }: Selectable<RequestBudget>): Room {
  return {
    told: remaining !== null && remaining_at !== null ? { remaining, at: remaining_at } : undefined,
    share: share !== null && share_at !== null ? { least: share, at: share_at } : undefined,
  };
}

/** A little after somebody will have found out, or when the block ends. */
function unblockedAt({ blocked_until, probe_at }: Selectable<RequestBudget>, now: Date): Date {
  const end = blocked_until ?? now;
  if (!probe_at) return end;
  const tried = after(probe_at > now ? probe_at : now, expectedMs);
  return tried < end ? tried : end;
}

interface Fullness {
  readonly rules: readonly Rule[];
  readonly shutUntil: Date | undefined;
}

async function insertUnlessFull(
  tx: Tx,
  request: Reserving,
  now: Date,
  { rules, shutUntil }: Fullness,
): Promise<Date | null> {
  const { id, rank } = request.waiter;
  // A rule is broken exactly if its limit-th newest request lies inside its window; who waits before us counts like one
  // that was sent, and each further window takes as many of them as its limit.
  const broken = rules.map((rule) => {
    const { since } = rule;
    const limit = Math.max(1, rule.limit);
    const newest = sql`(select at from provider_requests where at > ${since} order by at desc
      offset ${limit - 1}::int - (select ahead from queue) % ${limit}::int limit 1)`;
    if ("until" in rule)
      return rule.limit <= 0
        ? sql`select ${rule.until}::timestamptz`
        : sql`select ${rule.until}::timestamptz where ${newest} is not null or (select ahead from queue) >= ${limit}::int`;
    const span = sql`${rule.spanMs}::int * interval '1 millisecond'`;
    return sql`select coalesce(${newest} + ${span}, case when (select ahead from queue) >= ${limit}::int then ${now}::timestamptz end)
      + (select ahead from queue) / ${limit}::int * ${span}`;
  });
  if (shutUntil) broken.push(sql`select ${shutUntil}::timestamptz`);
  const { rows } = await sql<{ until: Date | null }>`
    with queue as materialized (
      select count(*)::int as ahead from request_queue
      where turn_at > ${after(now, -expectedMs)} and (rank, id) < (${rank}::smallint, ${id}::uuid)
    ),
    broken (until) as materialized (${sql.join(broken, sql` union all `)}),
    turn as materialized (select max(until) as until from broken),
    waiting as (
      insert into request_queue (id, rank, turn_at)
      select ${id}::uuid, ${rank}::smallint, coalesce(until, ${now}::timestamptz) from turn
      where until is not null or not ${request.takes}::boolean
      on conflict (id) do update set rank = excluded.rank, turn_at = excluded.turn_at
    ),
    served as (
      delete from request_queue where id = ${id}::uuid and ${request.takes}::boolean and (select until from turn) is null
    ),
    reserved as (
      insert into provider_requests (id, at, method, route, saga_id)
      select ${request.id}::uuid, ${now}::timestamptz, ${request.method}, ${request.route}, ${request.sagaId ?? null}::uuid
      from turn where until is null and ${request.takes}::boolean
    )
    select until from turn
  `.execute(tx);
  return rows[0]?.until ?? null;
}

async function insertRequest(tx: Tx, { id, method, route, sagaId }: Reserving, at: Date): Promise<void> {
  await tx
    .insertInto("provider_requests")
    .values({ id, at, method, route, saga_id: sagaId ?? null })
    .execute();
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

/** A request that was sent, and when its answer was there. */
export interface Sent {
  readonly id: string;
  /** When it was reserved. */
  readonly at: Date;
  readonly isProbe: boolean;
  readonly now: Date;
  /** The least that a refusal leaves us a minute. */
  readonly leastShare: number;
}

/** Records how a request went; what it says of the budget counts unless a later request said more. */
export async function completeRequest(db: Db, sent: Sent, outcome: Outcome): Promise<void> {
  const { id, at, now } = sent;
  const { remaining = null, blockedUntil } = outcome;
  await db
    .with("noted", (q) =>
      q
        .updateTable("provider_requests")
        .set({
          status: outcome.status ?? null,
          provider_request_id: outcome.requestId ?? null,
          duration_ms: now.getTime() - at.getTime(),
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
  if (blockedUntil) await noteRefusal(db, sent, blockedUntil);
  else if (sent.isProbe && outcome.status !== undefined)
    // What did not hold for as long as it said tells nothing of our share either.
    await db.updateTable("request_budget").set({ blocked_until: null, probe_at: null, share: null }).execute();
}

/**
 * A refusal: nobody asks until then, and what we sent in the minute before it was too much. Those that were under way with
 * it say nothing more.
 */
async function noteRefusal(db: Db, { at, now, leastShare }: Sent, until: Date): Promise<void> {
  const sentLately = sql`(select count(*)::int from provider_requests
    where at > ${after(now, -believedMs)} and at <= ${now} and status is distinct from 429)`;
  const isNew = sql`(share_at is null or share_at < ${at})`;
  await db
    .updateTable("request_budget")
    .set({
      blocked_until: sql`greatest(blocked_until, ${until}::timestamptz)`,
      probe_at: sql`case when greatest(blocked_until, ${until}::timestamptz) > ${after(now, believedMs)}
        then ${after(now, believedMs)}::timestamptz end`,
      share: sql`case when ${isNew} then greatest(${leastShare}::int, ${sentLately} * 9 / 10) else share end`,
      share_at: sql`case when ${isNew} then ${now}::timestamptz else share_at end`,
    })
    .execute();
}

/** Who waited does not wait any more. */
export async function leaveQueue(db: Db, id: string): Promise<void> {
  await db.deleteFrom("request_queue").where("id", "=", id).execute();
}

/** Whether somebody waits for room. */
export async function isTight(db: Db, now: Date): Promise<boolean> {
  const waiter = await db
    .selectFrom("request_queue")
    .select("id")
    .where("turn_at", ">", now)
    .limit(1)
    .executeTakeFirst();
  return waiter !== undefined;
}

/** Forgets a request that was reserved but never sent. */
export async function releaseRequest(db: Db, id: string): Promise<void> {
  await db.deleteFrom("provider_requests").where("id", "=", id).execute();
}

/** Deletes the requests made before `before`, which must be more than an hour ago; returns how many. */
export async function purgeRequests(db: Db, before: Date): Promise<number> {
  await db.deleteFrom("request_queue").where("turn_at", "<", before).execute();
  const { numDeletedRows } = await db
    .deleteFrom("provider_requests")
    .where("at", "<", before)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
