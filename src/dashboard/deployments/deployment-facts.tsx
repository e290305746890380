import type { Deployment } from "#api/deployments.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { Fact } from "#dashboard/parts/fact.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { usd } from "#dashboard/parts/usd.ts";
import { toldCheck } from "#dashboard/releases/check.ts";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { toldVolume } from "#api/volume.ts";
import { useRemoval } from "./use-removal.ts";

/** What was asked for, and what there is. */
export function DeploymentFacts({ deployment }: { readonly deployment: Deployment }) {
  return (
    <dl className="facts-grid card">
      <Fact name="Name">{deployment.name}</Fact>
      <Fact name="Tenant">
        <a href={hrefOf(["tenants", deployment.tenant_id])}>
          <TenantName id={deployment.tenant_id} />
        </a>
      </Fact>
      <Fact name="Region">{deployment.region}</Fact>
      <Fact name="Size">{deployment.size_slug}</Fact>
      <Fact name="Image">{deployment.image}</Fact>
      <Fact name="Costs">{usd(deployment.monthly_usd)} a month</Fact>
      {deployment.protected && <Fact name="Protected">until an admin lifts that</Fact>}
      {deployment.adopted && <Fact name="Adopted">it can be given back</Fact>}
      {deployment.volume && (
        <Fact name="Volume">
          {toldVolume(deployment.volume)}
          {deployment.volume.name !== null && <span className="sub mono">{deployment.volume.name}</span>}
        </Fact>
      )}
      <RunFacts deployment={deployment} />
      <DropletFacts deployment={deployment} />
      <Fact name="Created">
        <Ago at={deployment.created_at} />
      </Fact>
      {deployment.activated_at && (
        <Fact name="Active">
          <Ago at={deployment.activated_at} />
        </Fact>
      )}
      {deployment.ended_at && (
        <Fact name="Ended">
          <Ago at={deployment.ended_at} />
        </Fact>
      )}
      <Fact name="Id" wide>
        <Copyable text={deployment.id} what="the deployment's id" />
      </Fact>
    </dl>
  );
}

/** What it runs, and how that does. */
function RunFacts({ deployment }: { readonly deployment: Deployment }) {
  const { release, health, health_check: check, variable_names: variables, labels } = deployment;
  const pairs = Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b));
  return (
    <>
      {release !== null && (
        <Fact name="Release">
          <a href={hrefOf(["deployments"], { release })}>{release}</a>
        </Fact>
      )}
      {health && check && (
        <Fact name="Health" wide={health.reason !== null}>
          <Badge status={health.state} /> by <span className="mono">{toldCheck(check)}</span>
          {health.reason !== null && <span className="sub">{health.reason}</span>}
        </Fact>
      )}
      {variables.length > 0 && (
        <Fact name="Variables">
          <span className="mono">{variables.join(", ")}</span>
        </Fact>
      )}
      {pairs.length > 0 && (
        <Fact name="Labels">
          {pairs.map(([key, value], nth) => (
            <span key={key}>
              {nth > 0 && ", "}
              <a href={hrefOf(["deployments"], { label: `${key}=${value}` })}>
                {key}={value}
              </a>
            </span>
          ))}
        </Fact>
      )}
    </>
  );
}

/** Until it is in the inventory, the droplet is known by what its saga has asked for. */
function DropletFacts({ deployment }: { readonly deployment: Deployment }) {
  const { id, status, resource, saga } = deployment;
  const isOld = resource !== null && resource.deleted_at !== null && status === "provisioning";
  const inventoried = isOld ? null : resource;
  const { data: removal } = useRemoval(id, { enabled: status === "provisioning" && !inventoried });
  const droplet = inventoried ?? (status === "provisioning" ? removal?.droplet : undefined);
  const gone = inventoried !== null && inventoried.deleted_at !== null;
  const underway = saga?.direction === "back" ? "being undone" : "being made";
  return (
    <>
      <Fact name="Droplet">
        {droplet ? (
          <>
            <span className="mono">{droplet.provider_id ?? droplet.name}</span>{" "}
            <Badge status={gone ? "deleted" : (inventoried?.status ?? underway)} />
          </>
        ) : (
          "none"
        )}
      </Fact>
      <Fact name="Address">
        <span className="mono">{(!gone && droplet?.public_ipv4) || "none"}</span>
      </Fact>
      {deployment.reserved_ip && (
        <Fact name="Reserved IP">
          <span className="mono">{deployment.reserved_ip_address ?? "none yet"}</span>
        </Fact>
      )}
    </>
  );
}
