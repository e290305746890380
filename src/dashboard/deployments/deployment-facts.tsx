import type { ReactNode } from "react";
import type { Deployment } from "#api/deployments.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";

/** What was asked for, and what there is. */
export function DeploymentFacts({ deployment }: { readonly deployment: Deployment }) {
  const { resource } = deployment;
  return (
    <dl className="facts-grid card">
      <Fact name="Tenant">
        <TenantName id={deployment.tenant_id} />
      </Fact>
      <Fact name="Region">{deployment.region}</Fact>
      <Fact name="Size">{deployment.size_slug}</Fact>
      <Fact name="Image">{deployment.image}</Fact>
      <Fact name="Droplet">
        {resource ? (
          <>
            <span className="mono">{resource.provider_id}</span>{" "}
            {resource.deleted_at ? <Badge status="deleted" /> : <Badge status={resource.status} />}
          </>
        ) : (
          "none"
        )}
      </Fact>
      <Fact name="Address">
        <span className="mono">{(!resource?.deleted_at && resource?.public_ipv4) || "none"}</span>
      </Fact>
      <Fact name="Created">
        <Ago at={deployment.created_at} />
      </Fact>
      {deployment.ended_at ? (
        <Fact name="Ended">
          <Ago at={deployment.ended_at} />
        </Fact>
      ) : (
        <Fact name="Active">
          <Ago at={deployment.activated_at} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
