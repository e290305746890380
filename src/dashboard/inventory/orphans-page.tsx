import { paths } from "#api/paths.ts";
import { orphanPage } from "#api/resources.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";

export function OrphansPage() {
  const pages = usePages(paths.orphans, orphanPage, {}, 5000);
  return (
    <Page title="Orphans">
      <p className="lead">
        Droplets that carry this installation's tag and that no live saga or deployment owns. Those of our own ended
        sagas are destroyed by themselves; of an unknown saga they are only shown.
      </p>
      <List
        label="Orphans"
        pages={pages}
        columns={["Droplet", "Verdict", "Why", "First seen", "Last seen"]}
        empty="None: nothing at the provider is without an owner."
        row={(orphan) => (
          <tr key={orphan.provider_id}>
            <th scope="row">
              <span className="clip">{orphan.name}</span>
              <span className="sub mono">{orphan.provider_id}</span>
            </th>
            <td>
              <Badge status={orphan.verdict} />
            </td>
            <td>
              {orphan.reason}
              {orphan.destroy_saga_id && (
                <>
                  {" "}
                  <a href={hrefOf(["sagas", orphan.destroy_saga_id])}>the saga that destroys it</a>
                </>
              )}
            </td>
            <td>
              <Ago at={orphan.first_seen_at} />
            </td>
            <td>
              <Ago at={orphan.last_seen_at} />
            </td>
          </tr>
        )}
      />
    </Page>
  );
}
