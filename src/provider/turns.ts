import { after } from "#clock.ts";
import type { Db } from "#db/connection.ts";

/** Sets when the turn ends, if we hold it still. */
export async function keepTurn(db: Db, scope: string, holder: string, until: Date): Promise<void> {
  await db
    .updateTable("turns")
    .set({ expires_at: until })
    .where("scope", "=", scope)
    .where("holder", "=", holder)
    .execute();
}

/**
 * Takes the turn to do what one worker does for all, at most once in `ms`.
 * @returns whether it is ours; a holder that dies holds nothing up longer than `ms`
 */
export async function takeTurn(db: Db, scope: string, holder: string, now: Date, ms: number): Promise<boolean> {
  const turn = { holder, taken_at: now, expires_at: after(now, ms) };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("turns")
    .values({ scope, ...turn })
    .onConflict((conflict) => conflict.column("scope").doUpdateSet(turn).where("turns.expires_at", "<=", now))
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}
