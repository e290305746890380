import { paths } from "#api/paths.ts";
import { tenantPage } from "#api/tenants.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { NewTenantForm } from "./new-tenant-form.tsx";

export function TenantsPage({ query }: { readonly query: URLSearchParams }) {
  const { operateAll } = useMay();
  const q = query.get("q") ?? "";
  const pages = usePages(paths.tenants, tenantPage, { q }, 10_000);
  return (
    <Page title="Tenants">
      <div className="filters" role="search">
        <SearchBox name="q" label="Search tenants" value={q} />
      </div>
      {operateAll && <NewTenantForm />}
      <List
        label="Tenants"
        pages={pages}
        columns={["Tenant", "Hostnames it may use", "Created", ""]}
        empty={q ? "No tenant matches." : "There is no tenant yet."}
        row={(tenant) => (
          <tr key={tenant.id}>
            <th scope="row">
              {tenant.name}
              <span className="sub">{tenant.slug}</span>
            </th>
            <td className="mono">{tenant.hostnames.join(", ") || "any in the zone"}</td>
            <td>
              <Ago at={tenant.created_at} />
            </td>
            <td className="row-end">
              <a href={hrefOf(["deployments"], { tenant_id: tenant.id })}>Deployments</a>
            </td>
          </tr>
        )}
      />
    </Page>
  );
}
