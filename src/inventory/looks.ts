import type { Insertable } from "kysely";
import type { Db, Tx } from "#db/connection.ts";
import type { Looks } from "#db/schema.ts";

/** The droplets that carry this install's tag. */
export const fleetScope = "fleet";

export async function recordLook(tx: Db | Tx, look: Insertable<Looks>): Promise<void> {
  await tx.insertInto("looks").values(look).execute();
}

/** How many complete listings began after `since`. What was seen in none of two of them may be absent (rule 10). */
export async function looksSince(db: Db | Tx, scope: string, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom("looks")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("scope", "=", scope)
    .where("begun_at", ">", since)
    .executeTakeFirstOrThrow();
  return count;
}

export async function purgeLooks(db: Db, before: Date): Promise<void> {
  await db.deleteFrom("looks").where("begun_at", "<", before).execute();
}
