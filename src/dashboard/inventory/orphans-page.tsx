import { paths } from "#api/paths.ts";
import { type Orphan, orphanPage } from "#api/resources.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago } from "#dashboard/parts/time.tsx";

/** Ordered by number: as text of the same length. */
const keyOf = ({ first_seen_at: at, provider_id: id }: Orphan) => `${at} ${String(id).padStart(16, "0")}`;

export function OrphansPage() {
  const list = useList(paths.orphans, orphanPage, {}, keyOf, 5000);
  return (
    <Page title="Orphans">
      <p className="lead">
        Droplets that carry this installation's tag and that no live saga or deployment owns. Those of our own ended
        sagas are destroyed by themselves; of an unknown saga they are only shown.
      </p>
      <List label="Orphans" list={list} columns={columns} empty="None: nothing at the provider is without an owner." />
    </Page>
  );
}

const columns: readonly Column<Orphan>[] = [
  {
    title: "Droplet",
    cell: ({ name, provider_id }) => (
      <>
        <span className="clip">{name}</span>
        <span className="sub mono">{provider_id}</span>
      </>
    ),
  },
  { title: "Verdict", cell: ({ verdict }) => <Badge status={verdict} /> },
  {
    title: "Why",
    cell: ({ reason, destroy_saga_id: saga }) => (
      <>
        {reason} {saga && <a href={hrefOf(["sagas", saga])}>the saga that destroys it</a>}
      </>
    ),
  },
  { title: "First seen", cell: ({ first_seen_at }) => <Ago at={first_seen_at} /> },
  { title: "Last seen", cell: ({ last_seen_at }) => <Ago at={last_seen_at} /> },
];
