import type { Db } from "#db/connection.ts";

/** What the watchdog found: a saga that was due and that nothing would have woken. */
export const watchdogFinds = "watchdog_finds";

/** Adds to a count that outlives every process. */
export async function addTo(db: Db, name: string, count: number): Promise<void> {
  if (count === 0) return;
  await db
    .insertInto("tallies")
    .values({ name, count })
    .onConflict((conflict) => conflict.column("name").doUpdateSet((eb) => ({ count: eb("tallies.count", "+", count) })))
    .execute();
}

export const readTally = async (db: Db, name: string): Promise<number> =>
  (await db.selectFrom("tallies").select("count").where("name", "=", name).executeTakeFirst())?.count ?? 0;
