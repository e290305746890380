import { sql } from "kysely";
import { type Clock, secondsBetween } from "#clock.ts";
import type { Db } from "./connection.ts";

/** How far this machine's clock may be from the database's, in seconds: settle windows and turns are compared across workers. */
export const skewTolerance = 2;

/** This machine's clock disagrees with the database's. */
export class ClockSkew extends Error {
  override readonly name = "ClockSkew";
  readonly code = "clock_skew";
}

/**
 * Workers share observations by the time at which they were made: one whose clock is wrong would spoil them for all.
 * @throws {ClockSkew} when the clocks are more than 2 s apart, the time of the question aside
 */
export async function checkClock(db: Db, clock: Clock): Promise<void> {
  const before = clock.now();
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const after = clock.now();
  const database = rows[0]?.now ?? before;
  const ahead = secondsBetween(database, before);
  const behind = secondsBetween(after, database);
  if (Math.max(ahead, behind) <= skewTolerance) return;
  const apart = ahead > 0 ? `${ahead.toFixed(1)} s ahead of` : `${behind.toFixed(1)} s behind`;
  throw new ClockSkew(
    `This machine's clock is ${apart} the database's; no worker was started here. Set the clock (NTP), then start again`,
  );
}
