import { useState } from "react";
import type { Resource } from "#api/resources.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import type { Column } from "#dashboard/list/list.tsx";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { AdoptDropletDialog } from "./adopt-droplet-dialog.tsx";
import { DestroyDropletDialog } from "./destroy-droplet-dialog.tsx";

export const resourceColumns: readonly Column<Resource>[] = [
  {
    title: "Droplet",
    cell: ({ name, provider_id }) => (
      <>
        <span className="clip">{name}</span>
        <span className="sub mono">{provider_id}</span>
      </>
    ),
  },
  { title: "Status", cell: ({ status, deleted_at }) => <Badge status={deleted_at ? "deleted" : status} /> },
  {
    title: "Belongs to",
    cell: ({ deployment_id: deployment, tenant_id: tenant, managed }) =>
      deployment ? (
        <a href={hrefOf(["deployments", deployment])}>
          <TenantName id={tenant} />
        </a>
      ) : (
        <Badge status={managed ? "no deployment" : "unmanaged"} />
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
  { title: "Address", className: "mono", cell: ({ public_ipv4 }) => public_ipv4 ?? "–" },
  { title: "Seen", cell: ({ deleted_at, last_seen_at }) => <Ago at={deleted_at ?? last_seen_at} /> },
  {
    title: "Actions",
    unseenTitle: true,
    className: "row-end",
    cell: (resource) => (
      <div className="actions">
        <AdoptButton resource={resource} />
        <DestroyButton resource={resource} />
      </div>
    ),
  },
];

/** Of a droplet that is nobody's yet and can be reached. */
function AdoptButton({ resource }: { readonly resource: Resource }) {
  const { administerAll } = useMay();
  const [adopting, setAdopting] = useState(false);
  const { managed, deployment_id: deployment, deleted_at: deletedAt } = resource;
  if (deletedAt || managed || deployment !== null || !administerAll) return null;
  return (
    <>
      <button type="button" onClick={() => setAdopting(true)}>
        Adopt…
      </button>
      {adopting && <AdoptDropletDialog resource={resource} onClose={() => setAdopting(false)} />}
    </>
  );
}

function DestroyButton({ resource }: { readonly resource: Resource }) {
  const { operateAll, administerAll } = useMay();
  const [destroying, setDestroying] = useState(false);
  const { managed, deployment_id: deployment, deleted_at: deletedAt } = resource;
  const destroyable = !deletedAt && deployment === null && (managed ? operateAll : administerAll);
  if (!destroyable) return null;
  return (
    <>
      <button type="button" className="danger" onClick={() => setDestroying(true)}>
        Destroy…
      </button>
      {destroying && <DestroyDropletDialog resource={resource} onClose={() => setDestroying(false)} />}
    </>
  );
}
