import { type Insertable, sql } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { Looks } from "#db/schema.ts";

/** The droplets that carry this install's tag. */
export const fleetScope = "fleet";
/** Only those that sagas wait for: it proves nothing absent. */
export const watchedScope = "watched";
/** Every droplet of the account. */
export const accountScope = "account";

export async function recordLook(tx: Db | Tx, look: Insertable<Looks>): Promise<void> {
  await tx.insertInto("looks").values(look).execute();
}

/**
 * How many complete listings began after `since` that could have shown the droplet. What was seen in none of two of them
 * may be absent (rule 17).
 */
export async function looksSince(db: Db | Tx, scope: string, since: Date, providerId: number): Promise<number> {
  const { count } = await db
    .selectFrom("looks")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("scope", "=", scope)
    .where("begun_at", ">", since)
    .where(sql<boolean>`${providerId} <> all (unreadable)`)
    .executeTakeFirstOrThrow();
  return count;
}

/** The most that the provider lists at once. */
export const perPage = 200;

/** How many pages a listing of the fleet takes, by the last one. */
export async function pagesOfFleet(db: Db | Tx): Promise<number> {
  const last = await db
    .selectFrom("looks")
    .select("found")
    .where("scope", "=", fleetScope)
    .orderBy("begun_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return Math.max(1, Math.ceil((last?.found ?? 0) / perPage));
}

/** When the newest complete listing began, if one is remembered. */
export async function lastLook(db: Db, scope: string): Promise<Date | null> {
  const { newest } = await db
    .selectFrom("looks")
    .select((select) => select.fn.max("begun_at").as("newest"))
    .where("scope", "=", scope)
    .executeTakeFirstOrThrow();
  return newest;
}

export async function purgeLooks(db: Db, before: Date): Promise<void> {
  await db.deleteFrom("looks").where("begun_at", "<", before).execute();
}
