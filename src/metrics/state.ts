import { idleStatuses } from "#saga-ended.ts";
import { sql } from "kysely";
import type { Db } from "#db/connection.ts";
import { readCounts } from "#saga-queries/counts.ts";
import { countConditions } from "#deployments/conditions.ts";
import { listProblems } from "#provider/problems.ts";
import { switchedOff } from "#webhooks/queries.ts";

/** How things stand now: small answers, by indexes that hold live rows only. */
export async function readState(db: Db, now: Date) {
  const [sagas, deployments, delay, strays, webhooks, deliveries, conditions, problems] = await Promise.all([
    db
      .selectFrom("sagas")
      .select(["name", "status", (select) => select.fn.countAll<number>().as("count")])
      .where("finished_at", "is", null)
      .groupBy(["name", "status"])
      .execute(),
    readCounts(db, "deployment", undefined),
    db
      .selectFrom("sagas")
      .select(sql<number>`coalesce(extract(epoch from ${now}::timestamptz - min(due_at)), 0)`.as("seconds"))
      .where("status", "not in", idleStatuses)
      .where("due_at", "<=", now)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom("strays")
      .select(["verdict", (select) => select.fn.countAll<number>().as("count")])
      .where("gone_at", "is", null)
      .groupBy("verdict")
      .execute(),
    db
      .selectFrom("webhooks")
      .select((select) => [
        select.fn.countAll<number>().as("all"),
        select.fn.countAll<number>().filterWhere("disabled_at", "is", null).as("enabled"),
        select.fn.countAll<number>().filterWhere("disabled_reason", "like", switchedOff).as("switchedOff"),
        select.fn.countAll<number>().filterWhere("failing_since", "is not", null).as("failing"),
      ])
      .executeTakeFirstOrThrow(),
    db
      .selectFrom("webhook_deliveries")
      .select((select) => select.fn.countAll<number>().as("pending"))
      .where("status", "=", "pending")
      .executeTakeFirstOrThrow(),
    countConditions(db),
    listProblems(db),
  ]);
  return {
    sagas,
    deployments,
    queueDelay: delay.seconds,
    strays,
    webhooks,
    pendingDeliveries: deliveries.pending,
    conditions,
    problems: problems.map(({ code }) => code),
  };
}
