import { useState } from "react";
import type { Resource } from "#api/resources.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { DestroyDropletDialog } from "./destroy-droplet-dialog.tsx";

export function ResourceRow({ resource }: { readonly resource: Resource }) {
  const { operateAll, administerAll } = useMay();
  const [destroying, setDestroying] = useState(false);
  const { managed, deployment_id: deploymentId, deleted_at: deletedAt } = resource;
  const destroyable = !deletedAt && deploymentId === null && (managed ? operateAll : administerAll);
  return (
    <tr className={managed ? undefined : "unmanaged"} data-managed={managed}>
      <th scope="row">
        <span className="clip">{resource.name}</span>
        <span className="sub mono">{resource.provider_id}</span>
      </th>
      <td>
        <Badge status={deletedAt ? "deleted" : resource.status} />
      </td>
      <td>
        {deploymentId ? (
          <a href={hrefOf(["deployments", deploymentId])}>
            <TenantName id={resource.tenant_id} />
          </a>
        ) : (
          <Badge status={managed ? "no deployment" : "unmanaged"} />
        )}
      </td>
      <td>
        {resource.size_slug}
        <span className="sub">{resource.region}</span>
      </td>
      <td className="mono">{resource.public_ipv4 ?? "–"}</td>
      <td>
        <Ago at={deletedAt ?? resource.last_seen_at} />
      </td>
      <td className="row-end">
        {destroyable && (
          <button type="button" className="danger" onClick={() => setDestroying(true)}>
            Destroy…
          </button>
        )}
        {destroying && <DestroyDropletDialog resource={resource} onClose={() => setDestroying(false)} />}
      </td>
    </tr>
  );
}
