import { sql } from "kysely";
import type { Db } from "#db/connection.ts";

/** A span of time: what happened after `from`, up to and including `until`. */
export interface Span {
  readonly from: Date;
  readonly until: Date;
}

const seconds = (from: string, until: string) =>
  sql<number>`extract(epoch from ${sql.ref(until)} - ${sql.ref(from)})`.as("seconds");

/** What came to its end in the span, row by row, read by index. */
export async function readHistory(db: Db, { from, until }: Span) {
  const within = (column: string) => sql<boolean>`${sql.ref(column)} > ${from} and ${sql.ref(column)} <= ${until}`;
  const [sagas, starts, steps, undone, requests, deliveries] = await Promise.all([
    db
      .selectFrom("sagas")
      .select(["name", "status", seconds("created_at", "finished_at")])
      .where(within("finished_at"))
      .execute(),
    db
      .selectFrom("sagas")
      .select(["name", seconds("created_at", "started_at")])
      .where(within("started_at"))
      .execute(),
    db
      .selectFrom("saga_steps")
      // Its status may tell of its undo by now.
      .select([
        "name",
        "attempts",
        sql<string>`case when output is null then 'failed' else 'completed' end`.as("status"),
        seconds("started_at", "finished_at"),
      ])
      .where(within("finished_at"))
      .where("started_at", "is not", null)
      .execute(),
    db
      .selectFrom("saga_steps")
      .select(["name", "undo_attempts as attempts", seconds("undo_started_at", "undo_finished_at")])
      .where(within("undo_finished_at"))
      .where("undo_started_at", "is not", null)
      .execute(),
    db
      .selectFrom("provider_requests")
      .select(["method", "route", "status", sql<number | null>`duration_ms / 1000.0`.as("seconds")])
      .where(within("at"))
      .execute(),
    db
      .selectFrom("webhook_attempts")
      .select(["status", "error", sql<number>`duration_ms / 1000.0`.as("seconds")])
      .where(within("at"))
      .execute(),
  ]);
  return { sagas, starts, steps, undone, requests, deliveries };
}
