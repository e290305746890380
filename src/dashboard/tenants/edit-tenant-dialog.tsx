import { useState } from "react";
import { fill, paths } from "#api/paths.ts";
import { type Tenant, tenant as tenantSchema } from "#api/tenants.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Dialog } from "#dashboard/parts/dialog.tsx";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { faultAt } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { hostnamesIn } from "./hostnames.ts";

export function EditTenantDialog({ tenant, onClose }: { readonly tenant: Tenant; readonly onClose: () => void }) {
  const { server } = useTools();
  const [name, setName] = useState(tenant.name);
  const [hostnames, setHostnames] = useState(tenant.hostnames.join("\n"));
  const change = useChange(
    () =>
      server.change({
        method: "PATCH",
        path: fill(paths.tenant, { id: tenant.id }),
        schema: tenantSchema,
        body: { name: name.trim(), hostnames: hostnamesIn(hostnames) },
      }),
    onClose,
  );
  const fault = (field: string) => faultAt(faultsOf(change.error), field, field === "name" && name);
  return (
    <Dialog title={`Edit ${tenant.name}`} onCancel={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <FaultSummary error={change.error} shown={["name", "hostnames"]} />
        <Field label="Name" fault={fault("name")}>
          {(input) => <input {...input} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field
          label="Hostnames it may use"
          fault={fault("hostnames")}
          hint="A line each, such as *.acme.example.com. None: any in the zone, by operators only"
        >
          {(input) => (
            <textarea
              {...input}
              rows={4}
              spellCheck={false}
              value={hostnames}
              onChange={(event) => setHostnames(event.target.value)}
            />
          )}
        </Field>
        <div className="actions">
          <button type="submit" className="primary" disabled={change.isPending}>
            Save
          </button>
          <button type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
