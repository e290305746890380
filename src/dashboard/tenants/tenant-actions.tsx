import { useState } from "react";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import type { Tenant } from "#api/tenants.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { EditTenantDialog } from "./edit-tenant-dialog.tsx";

export function TenantActions({ tenant }: { readonly tenant: Tenant }) {
  const { server } = useTools();
  const { operateAll, administerAll } = useMay();
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const close = () => setOpen(null);
  const remove = useChange(
    () => server.change({ method: "DELETE", path: fill(paths.tenant, { id: tenant.id }), schema: z.undefined() }),
    close,
  );
  return (
    <span className="actions">
      {operateAll && (
        <button type="button" onClick={() => setOpen("edit")}>
          Edit…
        </button>
      )}
      {administerAll && (
        <button type="button" className="danger" onClick={() => setOpen("delete")}>
          Delete…
        </button>
      )}
      {open === "edit" && <EditTenantDialog tenant={tenant} onClose={close} />}
      {open === "delete" && (
        <Confirm
          title={`Delete ${tenant.name}?`}
          word={tenant.slug}
          what="slug"
          action="Delete it"
          change={remove}
          onConfirm={() => remove.mutate()}
          onCancel={close}
        >
          <p>Its cancelled deployments end as terminated. While one of its deployments stands, it is refused.</p>
        </Confirm>
      )}
    </span>
  );
}
