import { paths } from "#api/paths.ts";
import { type Saga, sagaNames, sagaPage, sagaStatuses } from "#api/sagas.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { HostnameOf } from "#dashboard/deployments/hostname-of.tsx";
import { createdKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Choice } from "#dashboard/parts/choice.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago, Lasting } from "#dashboard/parts/time.tsx";
import { failureIn } from "./plain-error.ts";
import { StepStrip } from "./step-strip.tsx";
import { StuckNote } from "./stuck-note.tsx";
import { plain } from "./words.ts";

export function SagasPage({ query }: { readonly query: URLSearchParams }) {
  const status = query.get("status") ?? "";
  const name = query.get("name") ?? "";
  const list = useList(paths.sagas, sagaPage, { status, name }, createdKey);
  return (
    <Page title="Sagas">
      <div className="filters">
        <Choice
          name="status"
          label="Status"
          value={status}
          options={[
            ["", "Any status"],
            ["pending,running,waiting,compensating", "Live"],
            ...sagaStatuses.map((it) => [it, plain(it)] as const),
          ]}
        />
        <Choice
          name="name"
          label="Kind"
          value={name}
          options={[["", "Any kind"], ...sagaNames.map((it) => [it, plain(it)] as const)]}
        />
      </div>
      <List label="Sagas" list={list} columns={columns} empty="No saga matches." />
    </Page>
  );
}

const columns: readonly Column<Saga>[] = [
  {
    title: "Saga",
    cell: ({ id, name, deployment_id, provider_id }) => (
      <>
        <a href={hrefOf(["sagas", id])}>{plain(name)}</a>
        <span className="sub">
          {deployment_id ? <HostnameOf deploymentId={deployment_id} /> : `droplet ${provider_id ?? ""}`}
        </span>
      </>
    ),
  },
  { title: "Status", cell: ({ status }) => <Badge status={status} /> },
  {
    title: "Steps",
    cell: (saga) => (
      <>
        {saga.steps.length > 0 && <StepStrip saga={saga} />}
        {saga.status === "stuck" ? <StuckNote saga={saga} /> : <span className="sub clip">{failureIn(saga)}</span>}
      </>
    ),
  },
  {
    title: "Took",
    className: "num",
    cell: ({ started_at, finished_at }) => started_at && <Lasting from={started_at} to={finished_at} />,
  },
  { title: "Started", cell: ({ started_at, created_at }) => <Ago at={started_at ?? created_at} /> },
];
