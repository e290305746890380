import { useQuery } from "@tanstack/react-query";
import { deployment } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";

/** A link to a deployment by its hostname, which never changes, so it is read once. */
export function HostnameOf({ deploymentId: id }: { readonly deploymentId: string }) {
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["hostname", id],
    queryFn: async ({ signal }) => (await server.get(fill(paths.deployment, { id }), deployment, {}, signal)).hostname,
    staleTime: Infinity,
  });
  return <a href={hrefOf(["deployments", id])}>{data ?? id.slice(-12)}</a>;
}
