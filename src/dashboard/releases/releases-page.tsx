import { paths } from "#api/paths.ts";
import { type Release, releasePage } from "#api/releases.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { toldCheck } from "./check.ts";
import { DeleteRelease } from "./delete-release.tsx";
import { NewReleaseForm } from "./new-release-form.tsx";

const keyOf = ({ created_at: at, name }: Release) => `${at} ${name}`;

export function ReleasesPage({ query }: { readonly query: URLSearchParams }) {
  const { operateAll } = useMay();
  const q = query.get("q") ?? "";
  const list = useList(paths.releases, releasePage, { q }, keyOf, 10_000);
  return (
    <Page title="Releases">
      <p className="lead">
        What droplets run, each under a name that never means another thing: a change is a new release, and brings
        deployments to it by new droplets.
      </p>
      <div className="filters" role="search">
        <SearchBox name="q" label="Search releases" value={q} />
      </div>
      {operateAll && <NewReleaseForm />}
      <List
        label="Releases"
        list={list}
        columns={operateAll ? [...columns, deleting] : columns}
        empty={q ? "No release matches." : "There is no release yet."}
      />
    </Page>
  );
}

const columns: readonly Column<Release>[] = [
  {
    title: "Release",
    cell: ({ name }) => (
      <a href={hrefOf(["deployments"], { release: name })} aria-label={`${name}: its deployments`}>
        {name}
      </a>
    ),
  },
  {
    title: "Image",
    cell: ({ image, size_slug: size }) => (
      <>
        {image}
        <span className="sub">{size ?? "the size is the deployment's"}</span>
      </>
    ),
  },
  {
    title: "Health check",
    className: "mono",
    cell: ({ health_check: check }) => (check ? toldCheck(check) : "none"),
  },
  { title: "User data", cell: ({ has_user_data: has }) => (has ? "sealed" : "none") },
  { title: "Created", cell: ({ created_at }) => <Ago at={created_at} /> },
];

const deleting: Column<Release> = {
  title: "Actions",
  unseenTitle: true,
  className: "row-end",
  cell: (release) => <DeleteRelease release={release} />,
};
