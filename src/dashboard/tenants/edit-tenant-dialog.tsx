import { useState } from "react";
import { fill, paths } from "#api/paths.ts";
import { type Tenant, tenant as tenantSchema } from "#api/tenants.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { FormDialog } from "#dashboard/parts/form-dialog.tsx";
import { LabelsField } from "#dashboard/parts/labels-field.tsx";
import { labelsIn, toldLabels } from "#dashboard/parts/pairs.ts";
import { TextField } from "#dashboard/parts/text-field.tsx";
import { faultAt } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { hostnamesIn } from "./hostnames.ts";
import { draftOf, type QuotaDraft, quotaOf } from "./quota.ts";

const quotaFields: readonly (readonly [field: keyof QuotaDraft, label: string, hint: string])[] = [
  ["max_deployments", "Deployments at once, at most", "Empty: as many as it likes"],
  [
    "max_monthly_usd",
    "US dollars a month, at most",
    "By the provider's prices, kept snapshots included. Empty: no limit",
  ],
  ["allowed_sizes", "Sizes it may have", "With commas. Empty: all"],
  ["allowed_regions", "Regions it may be in", "With commas. Empty: all"],
];

export function EditTenantDialog({ tenant, onClose }: { readonly tenant: Tenant; readonly onClose: () => void }) {
  const { server } = useTools();
  const [name, setName] = useState(tenant.name);
  const [hostnames, setHostnames] = useState(tenant.hostnames.join("\n"));
  const [labels, setLabels] = useState(toldLabels(tenant.labels));
  const [quota, setQuota] = useState(draftOf(tenant.quota));
  const change = useChange(
    () =>
      server.change({
        method: "PATCH",
        path: fill(paths.tenant, { id: tenant.id }),
        schema: tenantSchema,
        body: {
          name: name.trim(),
          hostnames: hostnamesIn(hostnames),
          labels: labelsIn(labels),
          quota: quotaOf(quota),
        },
      }),
    onClose,
  );
  const fault = (field: string) => faultAt(faultsOf(change.error), field, field === "name" && name);
  return (
    <FormDialog
      title={`Edit ${tenant.name}`}
      action="Save"
      isReady={!change.isPending}
      onSubmit={() => change.mutate()}
      onCancel={onClose}
    >
      <FaultSummary error={change.error} shown={["name", "hostnames", "labels", "quota"]} />
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
            rows={3}
            spellCheck={false}
            value={hostnames}
            onChange={(event) => setHostnames(event.target.value)}
          />
        )}
      </Field>
      <LabelsField fault={fault("labels")} value={labels} onChange={setLabels} />
      <div className="two-columns">
        {quotaFields.map(([field, label, hint]) => (
          <TextField
            key={field}
            label={label}
            hint={hint}
            fault={fault(`quota.${field}`)}
            value={quota[field]}
            onChange={(text) => setQuota({ ...quota, [field]: text })}
          />
        ))}
      </div>
    </FormDialog>
  );
}
