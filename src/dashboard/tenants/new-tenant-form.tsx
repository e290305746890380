import { useRef, useState } from "react";
import { paths } from "#api/paths.ts";
import { tenant as tenantSchema } from "#api/tenants.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { faultAt, useFaultFocus } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { hostnamesIn } from "./hostnames.ts";

const empty = { slug: "", name: "", hostnames: "" };

export function NewTenantForm() {
  const { server } = useTools();
  const [draft, setDraft] = useState(empty);
  const form = useRef<HTMLFormElement>(null);
  const create = useChange(
    ({ slug, name, hostnames }: typeof empty, key) => {
      const body = { slug: slug.trim(), name: name.trim(), hostnames: hostnamesIn(hostnames) };
      return server.change({ method: "POST", path: paths.tenants, schema: tenantSchema, body, key });
    },
    () => setDraft(empty),
  );
  useFaultFocus(form, create.error);
  const field = (name: keyof typeof empty, label: string, hint: string) => (
    <Field label={label} hint={hint} fault={faultAt(faultsOf(create.error), name, draft[name])}>
      {(input) => (
        <input
          {...input}
          value={draft[name]}
          onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <details className="card opener">
      <summary>New tenant</summary>
      <form
        ref={form}
        className="inline-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(draft);
        }}
      >
        <FaultSummary error={create.error} shown={Object.keys(empty)} />
        {field("name", "Name", "As people call it")}
        {field("slug", "Slug", "Lower case; never changes")}
        {field("hostnames", "Hostnames (optional)", "Patterns such as *.acme.example.com")}
        <button type="submit" className="primary" disabled={create.isPending}>
          Create tenant
        </button>
      </form>
    </details>
  );
}
