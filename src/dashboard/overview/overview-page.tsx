import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { stats } from "#api/stats.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Page } from "#dashboard/parts/page.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { DayChart } from "./day-chart.tsx";
import { InFlight } from "./in-flight.tsx";
import { Tiles } from "./tiles.tsx";
import { TimeChart } from "./time-chart.tsx";

export function OverviewPage() {
  const { server } = useTools();
  const { data, error } = useQuery({
    queryKey: ["stats"],
    queryFn: ({ signal }) => server.get(paths.stats, stats, { days: 30 }, signal),
    refetchInterval: pollEvery(5000),
  });
  return (
    <Page title="Overview">
      {!data && <ProblemNote error={error} />}
      {data && <Tiles stats={data} />}
      <InFlight />
      {data && (
        <div className="charts">
          <DayChart days={data.provisioning} />
          <TimeChart days={data.provisioning} />
        </div>
      )}
    </Page>
  );
}
