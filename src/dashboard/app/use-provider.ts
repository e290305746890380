import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { provider } from "#api/provider.ts";
import { pollEvery } from "#dashboard/server/poll.ts";
import { useTools } from "./tools.ts";

/** The provider and its budget; not for a tenant's token. */
export function useProvider() {
  const { server } = useTools();
  return useQuery({
    queryKey: ["provider"],
    queryFn: ({ signal }) => server.get(paths.provider, provider, {}, signal),
    refetchInterval: pollEvery(5000),
  }).data;
}

/** Whether the server can work, and on what; open to everybody. */
export function useReadiness() {
  const { server } = useTools();
  return useQuery({
    queryKey: ["readiness"],
    queryFn: () => server.readiness(),
    refetchInterval: pollEvery(5000),
  }).data;
}
