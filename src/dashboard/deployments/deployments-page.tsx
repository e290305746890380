import { type Deployment, deploymentPage, deploymentStatuses } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Choice } from "#dashboard/parts/choice.tsx";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";
import { StepStrip } from "#dashboard/sagas/step-strip.tsx";
import { plain } from "#dashboard/sagas/words.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { useTenants } from "#dashboard/tenants/use-tenants.ts";

export function DeploymentsPage({ query }: { readonly query: URLSearchParams }) {
  const { operate } = useMay();
  const tenants = useTenants();
  const status = query.get("status") ?? "";
  const tenantId = query.get("tenant_id") ?? "";
  const q = query.get("q") ?? "";
  const pages = usePages(paths.deployments, deploymentPage, { status, tenant_id: tenantId, q }, 2000);
  const create = operate && (
    <a className="button primary" href={hrefOf(["deployments", "new"])}>
      New deployment
    </a>
  );
  return (
    <Page title="Deployments" actions={create}>
      <div className="filters" role="search">
        <SearchBox name="q" label="Search hostname or name" value={q} />
        <Choice
          name="status"
          label="Status"
          value={status}
          options={[["", "Any status"], ...deploymentStatuses.map((it) => [it, plain(it)] as const)]}
        />
        <Choice
          name="tenant_id"
          label="Tenant"
          value={tenantId}
          options={[["", "Any tenant"], ...tenants.map((it) => [it.id, it.name] as const)]}
        />
      </div>
      <List
        label="Deployments"
        pages={pages}
        columns={["Hostname", "Status", "Tenant", "Droplet", "Address", "Created"]}
        empty={status || tenantId || q ? "No deployment matches." : <>There is no deployment yet. {create}</>}
        row={(deployment) => <DeploymentRow key={deployment.id} deployment={deployment} />}
      />
    </Page>
  );
}

const moving = new Set<string>(["provisioning", "deprovisioning"]);

function DeploymentRow({ deployment }: { readonly deployment: Deployment }) {
  const { saga, resource } = deployment;
  return (
    <tr data-hostname={deployment.hostname} data-status={deployment.status}>
      <th scope="row">
        <a href={hrefOf(["deployments", deployment.id])}>{deployment.hostname}</a>
        <span className="sub">{deployment.name}</span>
      </th>
      <td>
        <Badge status={saga?.status === "stuck" ? "stuck" : deployment.status} />
        {saga && (moving.has(deployment.status) || saga.status === "stuck") && <StepStrip saga={saga} />}
        {deployment.status === "cancelled" && deployment.reason && (
          <span className="sub clip" title={deployment.reason}>
            {deployment.reason}
          </span>
        )}
      </td>
      <td>
        <TenantName id={deployment.tenant_id} />
      </td>
      <td>
        {deployment.size_slug}
        <span className="sub">{deployment.region}</span>
      </td>
      <td className="mono">
        {resource && !resource.deleted_at ? resource.public_ipv4 : <span className="faint">–</span>}
      </td>
      <td>
        <Ago at={deployment.created_at} />
      </td>
    </tr>
  );
}
