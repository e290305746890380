import { useQuery } from "@tanstack/react-query";
import { fill, paths } from "#api/paths.ts";
import { type Tenant, tenant as tenantSchema, tenantPage } from "#api/tenants.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { pollEvery } from "#dashboard/server/poll.ts";

const minute = 60_000;

/** The newest 200 tenants, read once for all who need their names. */
export function useTenants(): readonly Tenant[] {
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["tenants", "newest"],
    queryFn: ({ signal }) => server.get(paths.tenants, tenantPage, { limit: 200 }, signal),
    refetchInterval: pollEvery(minute),
    staleTime: minute,
  });
  return data?.items ?? [];
}

/** A tenant by its id; one that is not among the newest is read by itself. */
export function useTenant(id: string | null): Tenant | undefined {
  const { server } = useTools();
  const newest = useTenants();
  const found = newest.find((tenant) => tenant.id === id);
  const { data } = useQuery({
    queryKey: ["tenant", id],
    queryFn: ({ signal }) => server.get(fill(paths.tenant, { id: id ?? "" }), tenantSchema, {}, signal),
    enabled: id !== null && !found && newest.length > 0,
    staleTime: 5 * minute,
  });
  return found ?? data;
}
