import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import { type cost, costs } from "#api/costs.ts";
import { paths } from "#api/paths.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { Choice } from "#dashboard/parts/choice.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";

type Cost = z.output<typeof cost>;

const months = [
  ["", "This month"],
  ["last", "Last month"],
] as const;

/** What a tenant's droplets, volumes and snapshots have cost in a month of the provider's, by deployment. */
export function TenantCosts({ id, month }: { readonly id: string; readonly month: string }) {
  const { server, clock } = useTools();
  const isLast = month === "last";
  const { data, error } = useQuery({
    queryKey: ["costs", id, isLast],
    queryFn: ({ signal }) => {
      const time = isLast ? monthBefore(clock.now()) : {};
      return server.get(paths.costs, costs, { tenant_id: id, by: "deployment", ...time }, signal);
    },
    refetchInterval: pollEvery(60_000),
  });
  const list = {
    items: data?.items,
    stale: false,
    complete: true,
    error,
    keyOf: ({ key }: Cost) => key ?? "",
    filterKey: month,
    look: () => undefined,
  };
  return (
    <section aria-label="Costs">
      <header className="section-head">
        <h2>Costs</h2>
        <span className="faint">
          {data && (
            <>
              <b>${data.total_usd.toFixed(2)}</b> {isLast ? "in all" : "so far"}, by the provider’s prices, before taxes
            </>
          )}
        </span>
        <Choice name="month" label="Month" value={month} options={months} />
      </header>
      <List label="Costs by deployment" list={list} columns={columns} empty="Nothing was there that costs anything." />
    </section>
  );
}

/** By UTC, as the provider bills. */
function monthBefore(now: Date): { readonly from: string; readonly to: string } {
  const startOf = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset));
  return { from: startOf(-1).toISOString(), to: startOf(0).toISOString() };
}

const columns: readonly Column<Cost>[] = [
  {
    title: "Deployment",
    cell: ({ key, name }) =>
      key === null ? "of no deployment" : <a href={hrefOf(["deployments", key])}>{name ?? key}</a>,
  },
  { title: "Hours", className: "mono", cell: ({ hours }) => hours.toFixed(1) },
  {
    title: "Cost",
    className: "mono",
    cell: ({ usd, estimated }) => `${estimated ? "about " : ""}$${usd.toFixed(2)}`,
  },
];
