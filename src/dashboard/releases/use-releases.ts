import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { type Release, releasePage } from "#api/releases.ts";
import { useTools } from "#dashboard/app/tools.ts";

/** The newest 200 releases, to choose from. */
export function useReleases(): readonly Release[] {
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["releases", "newest"],
    queryFn: ({ signal }) => server.get(paths.releases, releasePage, { limit: 200 }, signal),
    staleTime: 10_000,
  });
  return data?.items ?? [];
}
