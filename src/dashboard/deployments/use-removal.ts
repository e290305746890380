import { useQuery } from "@tanstack/react-query";
import { fill, paths } from "#api/paths.ts";
import { removal } from "#api/removal.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { pollEvery } from "#dashboard/server/poll.ts";

interface Asking {
  readonly enabled?: boolean;
  /** Who wants it as it is from now on, not as others have read it before: an id of its own. */
  readonly asker?: string;
}

/** What goes with a deployment; read again with each event of its saga, as all that is under its key. */
export function useRemoval(id: string, { enabled = true, asker }: Asking = {}) {
  const { server } = useTools();
  return useQuery({
    queryKey: ["deployment", id, "removal", asker],
    queryFn: ({ signal }) => server.get(fill(paths.deploymentRemoval, { id }), removal, {}, signal),
    refetchInterval: pollEvery(5000),
    enabled,
    ...(asker !== undefined && { gcTime: 0 }),
  });
}
