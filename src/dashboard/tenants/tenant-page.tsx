import { useQuery } from "@tanstack/react-query";
import { fill, paths } from "#api/paths.ts";
import { type Tenant, tenant as tenantSchema } from "#api/tenants.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { Fact } from "#dashboard/parts/fact.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { toldLabels } from "#dashboard/parts/pairs.ts";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { toldQuota } from "./quota.ts";
import { TenantActions } from "./tenant-actions.tsx";
import { TenantCosts } from "./tenant-costs.tsx";

/** A tenant: what it may have, and what it costs. */
export function TenantPage({ id, query }: { readonly id: string; readonly query: URLSearchParams }) {
  const { server } = useTools();
  const { data: tenant, error } = useQuery({
    queryKey: ["tenant", id],
    queryFn: ({ signal }) => server.get(fill(paths.tenant, { id }), tenantSchema, {}, signal),
    refetchInterval: pollEvery(10_000),
  });
  if (!tenant)
    return (
      <Page title="Tenant">
        <ProblemNote error={error} />
      </Page>
    );
  const actions = (
    <>
      <a className="button" href={hrefOf(["deployments"], { tenant_id: id })}>
        Its deployments
      </a>
      <TenantActions tenant={tenant} />
    </>
  );
  return (
    <Page title={tenant.name} actions={actions}>
      <TenantFacts tenant={tenant} />
      <TenantCosts id={id} month={query.get("month") ?? ""} />
    </Page>
  );
}

function TenantFacts({ tenant }: { readonly tenant: Tenant }) {
  const { id, slug, hostnames, labels, quota, created_at } = tenant;
  return (
    <dl className="facts-grid card">
      <Fact name="Slug">{slug}</Fact>
      <Fact name="Hostnames it may use">{hostnames.join(", ") || "any in the zone, by operators"}</Fact>
      <Fact name="Quota">{toldQuota(quota) ?? "none of its own"}</Fact>
      {Object.keys(labels).length > 0 && <Fact name="Labels">{toldLabels(labels)}</Fact>}
      <Fact name="Created">
        <Ago at={created_at} />
      </Fact>
      <Fact name="Id" wide>
        <Copyable text={id} what="the tenant's id" />
      </Fact>
    </dl>
  );
}
