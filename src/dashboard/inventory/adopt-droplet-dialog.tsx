import { useState } from "react";
import { adoption, type AdoptionPreview, adoptionPreview, dnsModes } from "#api/adopt.ts";
import { deployment as deploymentSchema } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import type { Resource } from "#api/resources.ts";
import { go } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Field } from "#dashboard/parts/field.tsx";
import { FormDialog } from "#dashboard/parts/form-dialog.tsx";
import { TextField } from "#dashboard/parts/text-field.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { usePreview } from "#dashboard/server/use-preview.ts";
import { TenantPicker } from "#dashboard/tenants/tenant-picker.tsx";

type Draft = Readonly<Record<"tenant_id" | "hostname" | "dns", string>>;

const dnsChoices: Readonly<Record<(typeof dnsModes)[number], string>> = {
  keep: "Leave it as it is",
  manage: "Its A record becomes ours",
};

/** Asks whose the droplet becomes, shows what that would do as things stand, and starts it. */
export function AdoptDropletDialog(props: { readonly resource: Resource; readonly onClose: () => void }) {
  const { resource, onClose } = props;
  const { server } = useTools();
  const [draft, setDraft] = useState<Draft>({ tenant_id: "", hostname: "", dns: "keep" });
  const change = (it: Partial<Draft>) => setDraft((before) => ({ ...before, ...it }));
  const asked = adoption.safeParse({ ...draft, hostname: draft.hostname.trim(), provider_id: resource.provider_id });
  const preview = usePreview(["adoption", "preview"], paths.deploymentAdopt, adoptionPreview, asked);
  const start = useChange(
    (body: object, key) =>
      server.change({ method: "POST", path: paths.deploymentAdopt, schema: deploymentSchema, body, key }),
    ({ id }) => go(["deployments", id]),
  );
  const isReady = preview.data !== undefined && !start.isPending;
  const faultAt = (field: string) => faultsOf(preview.error).find((fault) => fault.path === field)?.message;
  const submit = () => {
    if (isReady && asked.data) start.mutate(asked.data);
  };
  return (
    <FormDialog
      title={`Adopt droplet ${resource.name}?`}
      action="Adopt it"
      isReady={isReady}
      onSubmit={submit}
      onCancel={onClose}
    >
      <TenantPicker
        value={draft.tenant_id}
        fault={faultAt("tenant_id")}
        onChange={(tenant_id) => change({ tenant_id })}
      />
      <TextField
        label="Hostname"
        fault={faultAt("hostname")}
        hint="Under which it is reached"
        placeholder="app.example.com"
        value={draft.hostname}
        onChange={(hostname) => change({ hostname })}
      />
      <Field label="DNS" fault={faultAt("dns")}>
        {(input) => (
          <select {...input} value={draft.dns} onChange={(event) => change({ dns: event.target.value })}>
            {dnsModes.map((mode) => (
              <option key={mode} value={mode}>
                {dnsChoices[mode]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {preview.data ? (
        <Effects preview={preview.data} />
      ) : (
        !preview.error && (
          <p role="status">
            {asked.success ? "Reading what it would do…" : "Choose a tenant and a hostname: then it says what it does."}
          </p>
        )
      )}
      <ProblemNote error={start.error ?? preview.error} />
    </FormDialog>
  );
}

function Effects({ preview: { does, cannot_see: unseen } }: { readonly preview: AdoptionPreview }) {
  return (
    <>
      <ul className="doomed calm" aria-label="What it does">
        {does.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
      <p>It cannot be seen from here:</p>
      <ul className="doomed calm" aria-label="What cannot be seen from here">
        {unseen.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
    </>
  );
}
