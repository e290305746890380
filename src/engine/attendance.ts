import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { extendDeadlines, freeOverlong } from "./store.ts";

/** How often a worker that can work on sagas says so. Milliseconds. */
export const beatMs = 10_000;

/** Two beats have failed to come: nobody could work. A short pause of one worker is none of all. Milliseconds. */
const absenceMs = 2 * beatMs;

/** Longer than a lease, however the clocks of workers differ. Milliseconds. */
const longestLeaseMs = 60_000;

/**
 * Says that sagas can be worked on now, once for all workers; to be called every beat, and before any saga is taken.
 * Who comes after an absence gives its time back first.
 */
export async function sayPresent(db: Db, now: Date): Promise<void> {
  const last = await lastAttended(db);
  if (last && last > after(now, -beatMs / 2)) return;
  await db.transaction().execute(async (tx) => {
    await giveBackAbsence(tx, now);
    await freeOverlong(tx, [now, after(now, longestLeaseMs)]);
  });
}

/**
 * Deadlines stand still while nobody can work on sagas: no worker is there, all are frozen, or what they work with is
 * away. Nobody knows how long that will be, so whoever is there next gives the time back.
 * @param since when the absence began, where somebody saw it begin; else, and where they had stopped long before that, it is
 *   told by the beats that did not come
 */
export async function giveBackAbsence(tx: Tx, now: Date, since?: Date): Promise<void> {
  const last = await lastAttended(tx, true);
  if (last && last >= now) return;
  const began = beganAt(last, now, since);
  if (began) await extendDeadlines(tx, began, now);
  await tx
    .insertInto("attendance")
    .values({ attended_at: now })
    .onConflict((conflict) => conflict.column("singleton").doUpdateSet({ attended_at: now }))
    .execute();
}

/**
 * Whoever saw an absence begin may have been away before: beats that did not come until then were one already. A beat that
 * came after it began has used the time until then.
 */
function beganAt(last: Date | undefined, now: Date, since: Date | undefined): Date | undefined {
  if (last && isSilence(last, since ?? now)) return last;
  return since && last && last > since ? last : since;
}

const isSilence = (last: Date, until: Date): boolean => last < after(until, -absenceMs);

/**
 * Gives back the time of an absence that nobody has given back yet, before a step is given up. In a transaction of its own,
 * with no saga locked: it changes those of all, and whoever has locked another waits for it as well.
 */
export const giveBackIfAbsent = (db: Db, now: Date): Promise<void> =>
  transact(db, async (tx) => {
    const last = await lastAttended(tx);
    if (last && isSilence(last, now)) await giveBackAbsence(tx, now);
  });

async function lastAttended(db: Db | Tx, locked = false): Promise<Date | undefined> {
  const row = await db
    .selectFrom("attendance")
    .select("attended_at")
    .$if(locked, (query) => query.forUpdate())
    .executeTakeFirst();
  return row?.attended_at;
}
