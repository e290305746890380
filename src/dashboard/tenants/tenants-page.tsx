import { paths } from "#api/paths.ts";
import { type Tenant, tenantPage } from "#api/tenants.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { createdKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { NewTenantForm } from "./new-tenant-form.tsx";
import { TenantActions } from "./tenant-actions.tsx";

export function TenantsPage({ query }: { readonly query: URLSearchParams }) {
  const { operateAll } = useMay();
  const q = query.get("q") ?? "";
  const list = useList(paths.tenants, tenantPage, { q }, createdKey, 10_000);
  return (
    <Page title="Tenants">
      <div className="filters" role="search">
        <SearchBox name="q" label="Search tenants" value={q} />
      </div>
      {operateAll && <NewTenantForm />}
      <List
        label="Tenants"
        list={list}
        columns={columns}
        empty={q ? "No tenant matches." : "There is no tenant yet."}
      />
    </Page>
  );
}

const columns: readonly Column<Tenant>[] = [
  {
    title: "Tenant",
    cell: ({ id, name, slug }) => (
      <>
        <a href={hrefOf(["tenants", id])}>{name}</a>
        <span className="sub">{slug}</span>
      </>
    ),
  },
  {
    title: "Hostnames it may use",
    className: "mono",
    cell: ({ hostnames }) => hostnames.join(", ") || "any in the zone, by operators",
  },
  { title: "Created", cell: ({ created_at }) => <Ago at={created_at} /> },
  { title: "Actions", unseenTitle: true, className: "row-end", cell: (tenant) => <TenantActions tenant={tenant} /> },
];
