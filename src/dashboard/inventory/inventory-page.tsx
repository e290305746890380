import { paths } from "#api/paths.ts";
import { resourcePage } from "#api/resources.ts";
import { useCatalogue } from "#dashboard/deployments/use-catalogue.ts";
import { seenKey } from "#dashboard/list/keys.ts";
import { List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Choice } from "#dashboard/parts/choice.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantChoice } from "#dashboard/tenants/tenant-choice.tsx";
import { resourceColumns } from "./resource-columns.tsx";
import { SyncButton } from "./sync-button.tsx";

const whose = [
  ["", "Managed or not"],
  ["true", "Managed"],
  ["false", "Unmanaged"],
] as const;
const presence = [
  ["", "At the provider"],
  ["true", "Deleted"],
] as const;
const statuses = [
  ["", "Any status"],
  ["new", "New"],
  ["active", "Active"],
  ["off", "Off"],
  ["archive", "Archive"],
] as const;

export function InventoryPage({ query }: { readonly query: URLSearchParams }) {
  const { operateAll } = useMay();
  const filter = (name: string) => query.get(name) ?? "";
  const q = filter("q");
  const managed = filter("managed");
  const deleted = filter("deleted");
  const status = filter("status");
  const region = filter("region");
  const tenantId = filter("tenant_id");
  const regions = useCatalogue()?.regions ?? [];
  const filters = { q, managed, deleted, status, region, tenant_id: tenantId };
  const list = useList(paths.resources, resourcePage, filters, seenKey, 5000);
  return (
    <Page title="Inventory" actions={operateAll && <SyncButton />}>
      <div className="filters" role="search">
        <SearchBox name="q" label="Search name or address" value={q} />
        <Choice name="managed" label="Managed" value={managed} options={whose} />
        <Choice name="status" label="Status" value={status} options={statuses} />
        <TenantChoice value={tenantId} />
        <Choice
          name="region"
          label="Region"
          value={region}
          options={[["", "Any region"], ...regions.map((it) => [it.slug, it.text] as const)]}
        />
        <Choice name="deleted" label="Presence" value={deleted} options={presence} />
      </div>
      <List
        label="Inventory"
        list={list}
        columns={resourceColumns}
        empty="No droplet matches."
        rowClass={({ managed: ours }) => (ours ? undefined : "unmanaged")}
        data={({ managed: ours }) => ({ "data-managed": ours })}
      />
    </Page>
  );
}
