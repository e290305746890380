import { costs, costsQuery, longestCostDays } from "#api/costs.ts";
import { paths } from "#api/paths.ts";
import { bill, type CostKey, startOfMonth } from "#costs/bill.ts";
import { listSpans } from "#costs/spans.ts";
import type { Db } from "#db/connection.ts";
import { hostnamesOf } from "#deployments/queries.ts";
import { refuseFaults } from "#refusal.ts";
import { slugsOf } from "#tenants/queries.ts";
import type { Routes } from "../plumbing/app.ts";
import { callerOf } from "../plumbing/auth.ts";
import { scoped } from "../plumbing/caller.ts";

const dayMs = 24 * 3_600_000;

export const costRoutes: Routes = (app, { db, clock }) => {
  app.get(
    paths.costs,
    {
      schema: {
        summary: "What droplets, volumes and snapshots have cost, by tenant, deployment or region, the dearest first",
        querystring: costsQuery,
        response: { 200: costs },
      },
    },
    async (request) => {
      const { query } = request;
      const to = query.to ? new Date(query.to) : clock.now();
      const from = query.from ? new Date(query.from) : startOfMonth(to);
      if (from > to) refuseFaults([{ path: "from", message: "must not be after `to`, which is now unless given" }]);
      if (to.getTime() - from.getTime() > longestCostDays * dayMs)
        refuseFaults([{ path: "from", message: `must be at most ${longestCostDays} days before \`to\`` }]);
      const shown = { from: from.toISOString(), to: to.toISOString() };
      const whose = scoped(callerOf(request), query);
      if (!whose) return { ...shown, items: [], total_usd: 0 };
      // Nothing has been spent yet after now.
      const until = to > clock.now() ? clock.now() : to;
      const wanted = { from: startOfMonth(from), to: until, tenantId: whose.tenant_id ?? null };
      const { items, total_usd } = bill(await listSpans(db, wanted), query.by, { from, to: until });
      const names = await namesOf(
        db,
        query.by,
        items.flatMap(({ key }) => key ?? []),
      );
      return { ...shown, items: items.map((it) => ({ ...it, name: names(it.key) })), total_usd };
    },
  );
};

async function namesOf(db: Db, by: CostKey, keys: readonly string[]): Promise<(key: string | null) => string | null> {
  if (by === "region") return (key) => key;
  const names = await (by === "tenant" ? slugsOf : hostnamesOf)(db, keys);
  return (key) => (key === null ? null : (names.get(key) ?? null));
}
