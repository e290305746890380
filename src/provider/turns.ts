import { after } from "#clock.ts";
import type { Db } from "#db/connection.ts";

/** How far apart the clocks of two workers may be. Milliseconds. */
const aheadMs = 5000;

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
    .onConflict((conflict) =>
      conflict
        .column("scope")
        .doUpdateSet(turn)
        .where((row) =>
          // One that was taken later than now was taken by a clock that was wrong: it binds nobody.
          row.or([row("turns.expires_at", "<=", now), row("turns.taken_at", ">", after(now, aheadMs))]),
        ),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}
