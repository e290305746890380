import { sql } from "kysely";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";

const hourMs = 3_600_000;
/** So many may always be destroyed in an hour, however small the fleet. */
const fewest = 10;

/**
 * Counts a destroy that is about to begin (rule 44). One row counts them all, locked until the caller's transaction ends:
 * of two that begin at once, the second sees the first.
 * @param perHour undefined: the larger of 10 and a tenth of the fleet as it was an hour ago
 * @returns whether it is one too many, to be held; one that is held is not counted
 */
export async function isOneTooMany(tx: Tx, perHour: number | undefined, now: Date): Promise<boolean> {
  const { rows } = await sql<{ begun_at: Date[] }>`
    insert into destroys (begun_at) values ('{}') on conflict (id) do update set id = true returning begun_at`.execute(
    tx,
  );
  const recent = (rows[0]?.begun_at ?? []).filter((at) => at > after(now, -hourMs));
  if (recent.length >= (perHour ?? (await defaultFor(tx, recent.length)))) return true;
  const begun = [...recent, now].map((at) => at.toISOString());
  await sql`update destroys set begun_at = ${begun}::timestamptz[]`.execute(tx);
  return false;
}

async function defaultFor(tx: Tx, destroyed: number): Promise<number> {
  const { active } = await tx
    .selectFrom("deployments")
    .select((eb) => eb.fn.countAll<number>().as("active"))
    .where("status", "=", "active")
    .executeTakeFirstOrThrow();
  return Math.max(fewest, Math.floor((active + destroyed) / 10));
}
