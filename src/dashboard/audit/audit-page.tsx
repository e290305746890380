import { type AuditEntry, auditPage } from "#api/audit.ts";
import { paths } from "#api/paths.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { Choice } from "#dashboard/parts/choice.tsx";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";

const kinds = [
  ["", "Any object"],
  ["deployment", "Deployments"],
  ["saga", "Sagas"],
  ["tenant", "Tenants"],
  ["token", "Tokens"],
  ["inventory", "Inventory"],
] as const;

export function AuditPage({ query }: { readonly query: URLSearchParams }) {
  const filter = (name: string) => query.get(name) ?? "";
  const subject = filter("subject");
  const kind = filter("object_type");
  const object = filter("object_id");
  const pages = usePages(paths.audit, auditPage, { subject, object_type: kind, object_id: object }, 10_000);
  return (
    <Page title="Audit">
      <div className="filters" role="search">
        <SearchBox name="subject" label="Who (token name)" value={subject} />
        <Choice name="object_type" label="Object" value={kind} options={kinds} />
        <SearchBox name="object_id" label="Object id" value={object} />
      </div>
      <List
        label="Audit"
        pages={pages}
        columns={["When", "Who", "Did", "To", "From"]}
        empty="Nothing matches."
        row={(entry) => <AuditRow key={entry.id} entry={entry} />}
      />
    </Page>
  );
}

const pagesOf: Readonly<Record<string, string>> = { deployment: "deployments", saga: "sagas" };

function AuditRow({ entry }: { readonly entry: AuditEntry }) {
  const { object_type: kind, object_id: id, detail } = entry;
  const page = pagesOf[kind];
  const said = Object.entries(detail ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
  return (
    <tr>
      <td>
        <Ago at={entry.at} />
      </td>
      <th scope="row">{entry.subject}</th>
      <td>
        {entry.action}
        <span className="sub clip">{said.join(", ")}</span>
      </td>
      <td>
        {kind}{" "}
        {id &&
          (page ? (
            <a className="mono" href={hrefOf([page, id])}>
              {id.slice(-12)}
            </a>
          ) : (
            <span className="mono">{id.slice(-12)}</span>
          ))}
      </td>
      <td>
        {entry.address ?? "–"}
        <span className="sub mono" title="Request id">
          {entry.request_id}
        </span>
      </td>
    </tr>
  );
}
