import { conditionFilters, type Deployment, deploymentFilters, deploymentPage } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { healthStates } from "#api/health-check.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { createdKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Choice } from "#dashboard/parts/choice.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { labelFilterOf } from "#dashboard/parts/pairs.ts";
import { SearchBox } from "#dashboard/parts/search-box.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useReleases } from "#dashboard/releases/use-releases.ts";
import { inPlainWords } from "#dashboard/sagas/plain-error.ts";
import { StuckNote } from "#dashboard/sagas/stuck-note.tsx";
import { StepStrip } from "#dashboard/sagas/step-strip.tsx";
import { plain } from "#dashboard/sagas/words.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantChoice } from "#dashboard/tenants/tenant-choice.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { ConditionBadges } from "./conditions.tsx";
import { shownStatus } from "./shown-status.ts";

/** What came and went would bury what is there. `all` in the address shows it too. */
const standing = "pending,provisioning,active,deprovisioning";
const statuses = [
  ["", "Not ended"],
  ["provisioning,deprovisioning", "In flight"],
  ...deploymentFilters.map((it) => [it, plain(it)] as const),
  ["all", "All, ended too"],
] as const;

const conditionChoices = [
  ["", "Any or none"],
  ...conditionFilters.map((it) => [it, it === "any" ? "Any condition" : plain(it)] as const),
] as const;
const healths = [["", "Any health"], ...healthStates.map((it) => [it, plain(it)] as const)] as const;

export function DeploymentsPage({ query }: { readonly query: URLSearchParams }) {
  const { operate } = useMay();
  const chosen = query.get("status") ?? "";
  const tenantId = query.get("tenant_id") ?? "";
  const condition = query.get("condition") ?? "";
  const release = query.get("release") ?? "";
  const health = query.get("health") ?? "";
  const label = query.get("label") ?? "";
  const q = query.get("q") ?? "";
  const status = chosen === "all" ? "" : chosen || standing;
  const filters = { status, condition, tenant_id: tenantId, release, health, label: labelFilterOf(label) ?? "", q };
  const releases = useReleases().map(({ name }) => [name, name] as const);
  const list = useList(paths.deployments, deploymentPage, filters, createdKey, 2000);
  const create = operate && (
    <a className="button primary" href={hrefOf(["deployments", "new"])}>
      New deployment
    </a>
  );
  const everything = <a href={hrefOf(["deployments"], { ...filters, label, status: "all" })}>Look at all, ended too</a>;
  return (
    <Page title="Deployments" actions={create}>
      <div className="filters" role="search">
        <SearchBox name="q" label="Search hostname or name" value={q} />
        <SearchBox name="label" label="Label, such as tier=gold" value={label} />
        <Choice name="status" label="Status" value={chosen} options={statuses} />
        <Choice name="condition" label="Condition" value={condition} options={conditionChoices} />
        <TenantChoice value={tenantId} />
        <Choice name="health" label="Health" value={health} options={healths} />
        {(releases.length > 0 || release !== "") && (
          <Choice name="release" label="Release" value={release} options={[["", "Any release"], ...releases]} />
        )}
      </div>
      <List
        label="Deployments"
        list={list}
        columns={columns}
        empty={
          <>
            <p>
              {chosen || condition || tenantId || release || health || label || q
                ? "No deployment matches."
                : "No deployment is standing."}
            </p>
            {chosen === "all" ? create : everything}
          </>
        }
        data={({ hostname, status: is }) => ({ "data-hostname": hostname, "data-status": is })}
      />
    </Page>
  );
}

const columns: readonly Column<Deployment>[] = [
  {
    title: "Hostname",
    cell: ({ id, hostname, name }) => (
      <>
        <a href={hrefOf(["deployments", id])}>{hostname}</a>
        <span className="sub">{name}</span>
      </>
    ),
  },
  { title: "Status", cell: (deployment) => <Status deployment={deployment} /> },
  {
    title: "Tenant",
    cell: ({ tenant_id }) => (
      <a className="plain" href={hrefOf(["deployments"], { tenant_id })}>
        <TenantName id={tenant_id} />
      </a>
    ),
  },
  {
    title: "Size",
    cell: ({ size_slug, region }) => (
      <>
        {size_slug}
        <span className="sub">{region}</span>
      </>
    ),
  },
  {
    title: "Address",
    className: "mono",
    cell: ({ resource }) =>
      (resource && !resource.deleted_at && resource.public_ipv4) || <span className="faint">–</span>,
  },
  { title: "Created", cell: ({ created_at }) => <Ago at={created_at} /> },
];

const moving = new Set(["provisioning", "deprovisioning", "rolling_back", "stuck"]);

function Status({ deployment }: { readonly deployment: Deployment }) {
  const { saga, status, reason, health } = deployment;
  const shown = shownStatus(deployment);
  return (
    <>
      <Badge status={shown} />
      <ConditionBadges conditions={deployment.conditions} />
      {status === "active" && health && health.state !== "healthy" && (
        <>
          {" "}
          <Badge status={health.state} />
        </>
      )}
      {saga && moving.has(shown) && <StepStrip saga={saga} />}
      {saga?.status === "stuck" && <StuckNote saga={saga} />}
      {status === "cancelled" && reason && (
        <span className="sub clip" title={reason}>
          {inPlainWords(reason).said}
        </span>
      )}
    </>
  );
}
