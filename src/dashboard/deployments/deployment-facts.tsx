import type { ReactNode } from "react";
import type { Deployment } from "#api/deployments.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
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
        <a href={hrefOf(["deployments"], { tenant_id: deployment.tenant_id })}>
          <TenantName id={deployment.tenant_id} />
        </a>
      </Fact>
      <Fact name="Region">{deployment.region}</Fact>
      <Fact name="Size">{deployment.size_slug}</Fact>
      <Fact name="Image">{deployment.image}</Fact>
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
  const told = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
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
      {told.length > 0 && <Fact name="Labels">{told.toSorted().join(", ")}</Fact>}
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

function Fact(props: { readonly name: string; readonly wide?: boolean; readonly children: ReactNode }) {
  return (
    <div className={props.wide ? "wide" : undefined}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
