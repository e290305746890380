import pg from "pg";
import { type Db, openDatabase } from "#db/connection.ts";
import { type Life, lifeOf } from "#db/life.ts";
import { transact } from "#db/transact.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { doubtAndResume } from "#sagas/restored.ts";

export interface LivesOptions {
  readonly url: string;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * Hears of every new connection, and sees whether the database is the one that it was. A standby that took over may lack
 * what was committed last: before anything more is done there, by any worker, all that is under way is doubted, as after
 * a backup was restored. Whoever has a saga in hand loses it.
 */
export function watchLives(options: LivesOptions): (client: Pick<pg.ClientBase, "query">) => Promise<void> {
  let known: string | undefined;
  let beginning: Promise<boolean> | undefined;
  return async (client) => {
    const life = await lifeOf(client);
    if (!life) return;
    const name = `${life.system} ${life.timeline}`;
    if (name === known) return;
    beginning ??= begin(options, life).finally(() => (beginning = undefined));
    if (await beginning) known = name;
  };
}

/** @returns whether it is written down: not before our tables are there */
async function begin(options: LivesOptions, life: Life): Promise<boolean> {
  const database = openDatabase(options.url, { log: options.log, max: 2, applicationName: "arcadia-lives" });
  try {
    return await noteLife(options, database.db, life);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "42P01") return false;
    throw error;
  } finally {
    await database.close();
  }
}

/** Writes down in which life the database is, and doubts all that is under way where that is another than before. */
export async function noteLife({ ids, log }: Pick<LivesOptions, "ids" | "log">, db: Db, life: Life): Promise<true> {
  const row = { system_identifier: life.system, timeline: life.timeline };
  const known = await db.selectFrom("database_lives").selectAll().execute();
  if (known.some((it) => it.system_identifier === row.system_identifier && it.timeline === row.timeline)) return true;
  const doubted = await transact(db, async (tx) => {
    const { numInsertedOrUpdatedRows: inserted } = await tx
      .insertInto("database_lives")
      .values({ ...row, first_seen_at: life.now })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    // Another worker has seen to it; or this is where it all begins.
    if (inserted !== 1n || known.length === 0) return undefined;
    return (await doubtAndResume(tx, { ids, now: life.now, hold: false })).length;
  });
  if (doubted !== undefined)
    log.error(
      { ...row, sagas: doubted },
      "The database goes on in another life: a standby took over, or a backup was restored. What was committed last may " +
        "be lost; what was under way is looked for before it is done again",
    );
  return true;
}
