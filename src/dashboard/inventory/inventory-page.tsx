import { paths } from "#api/paths.ts";
import { resourcePage } from "#api/resources.ts";
import { Choice } from "#dashboard/parts/choice.tsx";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { ResourceRow } from "./resource-row.tsx";
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
  const pages = usePages(paths.resources, resourcePage, { q, managed, deleted, status }, 5000);
  return (
    <Page title="Inventory" actions={operateAll && <SyncButton />}>
      <div className="filters" role="search">
        <SearchBox name="q" label="Search name or address" value={q} />
        <Choice name="managed" label="Managed" value={managed} options={whose} />
        <Choice name="status" label="Status" value={status} options={statuses} />
        <Choice name="deleted" label="Presence" value={deleted} options={presence} />
      </div>
      <List
        label="Inventory"
        pages={pages}
        columns={["Droplet", "Status", "Belongs to", "Size", "Address", "Seen", ""]}
        empty="No droplet matches."
        row={(resource) => <ResourceRow key={resource.id} resource={resource} />}
      />
    </Page>
  );
}
