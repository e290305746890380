import { useRef, useState } from "react";
import { paths } from "#api/paths.ts";
import { createdToken, roles } from "#api/tokens.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { ShownOnce } from "#dashboard/parts/shown-once.tsx";
import { faultAt, useFaultFocus } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { useTenants } from "#dashboard/tenants/use-tenants.ts";

const empty = { name: "", role: "viewer", tenant_id: "", expires: "" };

export function NewTokenForm() {
  const { server } = useTools();
  const tenants = useTenants();
  const [draft, setDraft] = useState(empty);
  const form = useRef<HTMLFormElement>(null);
  const create = useChange(({ name, role, tenant_id: tenantId, expires }: typeof empty, key) => {
    const body = {
      name: name.trim(),
      role,
      ...(tenantId && { tenant_id: tenantId }),
      ...(expires && { expires_at: new Date(expires).toISOString() }),
    };
    return server.change({ method: "POST", path: paths.tokens, schema: createdToken, body, key });
  });
  useFaultFocus(form, create.error);
  const fault = (field: string) => faultAt(faultsOf(create.error), field, field === "name" && draft.name);
  const change = (it: Partial<typeof empty>) => setDraft({ ...draft, ...it });
  return (
    <details className="card opener">
      <summary>New token</summary>
      <form
        ref={form}
        className="inline-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(draft);
        }}
      >
        <FaultSummary error={create.error} shown={["name", "role", "tenant_id", "expires_at"]} />
        <Field label="Name" fault={fault("name")}>
          {(input) => (
            <input {...input} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
          )}
        </Field>
        <Field label="Role" fault={fault("role")}>
          {(input) => (
            <select {...input} value={draft.role} onChange={(event) => change({ role: event.target.value })}>
              {roles.toReversed().map((role) => (
                <option key={role}>{role}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Sees" fault={fault("tenant_id")}>
          {(input) => (
            <select {...input} value={draft.tenant_id} onChange={(event) => change({ tenant_id: event.target.value })}>
              <option value="">everything</option>
              {tenants.map((tenant) => (
                <option key={tenant.id} value={tenant.id}>
                  only {tenant.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Ends (optional)" fault={fault("expires_at")}>
          {(input) => (
            <input
              {...input}
              type="datetime-local"
              value={draft.expires}
              onChange={(event) => change({ expires: event.target.value })}
            />
          )}
        </Field>
        <button type="submit" className="primary" disabled={create.isPending}>
          Create token
        </button>
      </form>
      {create.data && (
        <ShownOnce secret={create.data.token} what="the token">
          The token of <b>{create.data.name}</b>
        </ShownOnce>
      )}
    </details>
  );
}
