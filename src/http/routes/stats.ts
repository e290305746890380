import { deploymentStatuses } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { sagaStatuses } from "#api/sagas.ts";
import { type StatsDay, stats, statsQuery } from "#api/stats.ts";
import { snapshot } from "#db/transact.ts";
import { countDegraded } from "#deployments/conditions.ts";
import {
  countDeployments,
  countSagas,
  countStuckDeployments,
  type DayRow,
  provisioningByDay,
} from "#saga-queries/stats.ts";
import type { Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";

const dayMs = 24 * 3_600_000;

export const statsRoutes: Routes = (app, { db, clock }) => {
  app.get(
    paths.stats,
    {
      schema: {
        summary: "How many deployments and sagas there are, and how provisioning went day by day",
        querystring: statsQuery,
        response: { 200: stats },
      },
    },
    async (request) => {
      const tenant = callerOf(request).tenantId ?? undefined;
      const days = daysUntil(clock.now(), request.query.days);
      const from = new Date(days[0] ?? clock.now());
      return snapshot(db, async (tx) => {
        const deployments = await countDeployments(tx, tenant);
        const stuck = await countStuckDeployments(tx, tenant);
        const degraded = await countDegraded(tx, tenant);
        const sagas = await countSagas(tx, tenant);
        const provisioning = new Map((await provisioningByDay(tx, from, tenant)).map((row) => [row.day, row]));
        return {
          deployments: stats.shape.deployments.parse(withZeros(deploymentStatuses, deployments)),
          stuck_deployments: stuck,
          degraded_deployments: degraded,
          sagas: stats.shape.sagas.parse(withZeros(sagaStatuses, sagas)),
          provisioning: days.map((day) => presentDay(day, provisioning.get(day))),
        };
      });
    },
  );
};

/** The last `count` days in UTC, today included, oldest first. */
function daysUntil(now: Date, count: number): string[] {
  const ago = Array.from({ length: count }, (_, index) => count - 1 - index);
  return ago.map((days) => new Date(now.getTime() - days * dayMs).toISOString().slice(0, 10));
}

const presentDay = (day: string, row: DayRow | undefined): StatsDay => ({
  day,
  completed: row?.completed ?? 0,
  failed: row?.failed ?? 0,
  cancelled: row?.cancelled ?? 0,
  median_seconds: row?.median_seconds ?? null,
  p95_seconds: row?.p95_seconds ?? null,
});

const withZeros = (statuses: readonly string[], counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries(statuses.map((status) => [status, counts.get(status) ?? 0]));
