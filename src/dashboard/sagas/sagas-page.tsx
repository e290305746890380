import { paths } from "#api/paths.ts";
import { type Saga, sagaNames, sagaPage, sagaStatuses } from "#api/sagas.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { HostnameOf } from "#dashboard/deployments/hostname-of.tsx";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Choice } from "#dashboard/parts/choice.tsx";
import { List } from "#dashboard/parts/list.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago, Lasting } from "#dashboard/parts/time.tsx";
import { usePages } from "#dashboard/parts/use-pages.ts";
import { StepStrip } from "./step-strip.tsx";
import { plain } from "./words.ts";

export function SagasPage({ query }: { readonly query: URLSearchParams }) {
  const status = query.get("status") ?? "";
  const name = query.get("name") ?? "";
  const pages = usePages(paths.sagas, sagaPage, { status, name });
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
      <List
        label="Sagas"
        pages={pages}
        columns={["Saga", "Status", "Steps", "Took", "Started"]}
        empty="No saga matches."
        row={(saga) => <SagaRow key={saga.id} saga={saga} />}
      />
    </Page>
  );
}

function SagaRow({ saga }: { readonly saga: Saga }) {
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf(["sagas", saga.id])}>{plain(saga.name)}</a>
        <span className="sub">
          {saga.deployment_id ? <HostnameOf deploymentId={saga.deployment_id} /> : `droplet ${saga.provider_id ?? ""}`}
        </span>
      </th>
      <td>
        <Badge status={saga.status} />
      </td>
      <td>
        <StepStrip saga={saga} />
        {saga.error && <span className="sub clip">{saga.error.message}</span>}
      </td>
      <td className="num">{saga.started_at && <Lasting from={saga.started_at} to={saga.finished_at} />}</td>
      <td>
        <Ago at={saga.started_at ?? saga.created_at} />
      </td>
    </tr>
  );
}
