import { useQuery } from "@tanstack/react-query";
import { longestPage } from "#api/page.ts";
import { paths } from "#api/paths.ts";
import { sagaPage } from "#api/sagas.ts";
import { Banner } from "#dashboard/parts/banner.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { hrefOf } from "./route.ts";
import { useTools } from "./tools.ts";

/** A stuck saga waits for a human: how many do is at the top of every page until one comes. */
export function StuckBanner() {
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["stuck"],
    queryFn: ({ signal }) => server.get(paths.sagas, sagaPage, { status: "stuck", limit: longestPage }, signal),
    refetchInterval: pollEvery(5000),
  });
  const count = data?.items.length ?? 0;
  const link = (
    <a href={hrefOf(["sagas"], { status: "stuck" })}>
      {count}
      {data?.next_cursor && " and more"} stuck
    </a>
  );
  return <div role="alert">{count > 0 && <Banner tone="bad" title={link} />}</div>;
}
