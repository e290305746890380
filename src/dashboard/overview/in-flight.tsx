import { useQuery } from "@tanstack/react-query";
import { type Deployment, deploymentPage } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { hasEnded } from "#saga-ended.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { shownStatus } from "#dashboard/deployments/shown-status.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { StepStrip } from "#dashboard/sagas/step-strip.tsx";
import { StuckNote } from "#dashboard/sagas/stuck-note.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";

const shown = 8;
const moving = "provisioning,deprovisioning";

/** What goes on now; when nothing does, the newest deployments. */
export function InFlight() {
  const { server } = useTools();
  const read = (status: string | undefined) => ({
    queryKey: ["deployments", "overview", status],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      server.get(paths.deployments, deploymentPage, { status, limit: shown }, signal),
    refetchInterval: pollEvery(2000),
  });
  const inFlight = useQuery(read(moving)).data;
  const idle = inFlight?.items.length === 0;
  const newest = useQuery({ ...read(undefined), enabled: idle }).data;
  if (!inFlight) return null;
  const deployments = idle ? (newest?.items ?? []) : inFlight.items;
  return (
    <section className="card" aria-label="Deployments in flight">
      <header className="card-head">
        <h2>{idle ? "Nothing is in flight. Newest deployments" : "In flight"}</h2>
        <a href={hrefOf(["deployments"], idle ? {} : { status: moving })}>All</a>
      </header>
      {deployments.length === 0 && <p className="faint pad">There is no deployment yet.</p>}
      <ul className="lines flight">
        {deployments.map((deployment) => (
          <Line key={deployment.id} deployment={deployment} />
        ))}
      </ul>
    </section>
  );
}

function Line({ deployment }: { readonly deployment: Deployment }) {
  const { id, hostname, saga } = deployment;
  const status = shownStatus(deployment);
  return (
    <li>
      <a className="line-name" href={hrefOf(["deployments", id])}>
        {hostname}
      </a>
      <span>
        <Badge status={status} />
      </span>
      <span>
        {saga && !hasEnded(saga.status) && <StepStrip saga={saga} />}
        {saga?.status === "stuck" && <StuckNote saga={saga} />}
      </span>
      <span className="faint end">
        <TenantName id={deployment.tenant_id} />
        {", created "}
        <Ago at={deployment.created_at} />
      </span>
    </li>
  );
}
