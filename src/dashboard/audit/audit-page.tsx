import { type AuditEntry, auditPage } from "#api/audit.ts";
import { paths } from "#api/paths.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { loggedKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Choice } from "#dashboard/parts/choice.tsx";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";

const kinds = [
  ["", "Any object"],
  ["deployment", "Deployments"],
  ["saga", "Sagas"],
  ["tenant", "Tenants"],
  ["token", "Tokens"],
  ["webhook", "Webhooks"],
  ["inventory", "Inventory"],
] as const;

export function AuditPage({ query }: { readonly query: URLSearchParams }) {
  const filter = (name: string) => query.get(name) ?? "";
  const subject = filter("subject");
  const kind = filter("object_type");
  const object = filter("object_id");
  const filters = { subject, object_type: kind, object_id: object };
  const list = useList(paths.audit, auditPage, filters, loggedKey, 10_000);
  return (
    <Page title="Audit">
      <div className="filters" role="search">
        <SearchBox name="subject" label="Who (token name)" value={subject} />
        <Choice name="object_type" label="Object" value={kind} options={kinds} />
        <SearchBox name="object_id" label="Object id" value={object} />
      </div>
      <List label="Audit" list={list} columns={columns} empty="Nothing matches." />
    </Page>
  );
}

const pagesOf: Readonly<Record<string, string>> = {
  deployment: "deployments",
  saga: "sagas",
  webhook: "webhooks",
};

const columns: readonly Column<AuditEntry>[] = [
  { title: "When", className: "light", cell: ({ at }) => <Ago at={at} /> },
  { title: "Who", className: "strong", cell: ({ subject }) => subject },
  {
    title: "Did",
    cell: ({ action, detail }) => (
      <>
        {action}
        <span className="sub clip">
          {Object.entries(detail ?? {})
            .map(([name, value]) => `${name}: ${String(value)}`)
            .join(", ")}
        </span>
      </>
    ),
  },
  { title: "To", cell: (entry) => <AuditObject entry={entry} /> },
  {
    title: "From",
    cell: ({ address, request_id }) => (
      <>
        {address ?? "–"}
        {request_id && (
          <span className="sub">
            <Copyable text={request_id} what="the request's id" />
          </span>
        )}
      </>
    ),
  },
];

function AuditObject({ entry: { object_type: kind, object_id: id } }: { readonly entry: AuditEntry }) {
  const page = pagesOf[kind];
  return (
    <>
      {kind}{" "}
      {id &&
        (page ? (
          <a className="mono" href={hrefOf([page, id])}>
            {id.slice(-12)}
          </a>
        ) : (
          <span className="mono">{id.slice(-12)}</span>
        ))}
    </>
  );
}
