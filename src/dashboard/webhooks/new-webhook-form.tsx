import { useRef, useState } from "react";
import { paths } from "#api/paths.ts";
import { createdWebhook, webhookEvents } from "#api/webhooks.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { ShownOnce } from "#dashboard/parts/shown-once.tsx";
import { faultAt, useFaultFocus } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { useTenants } from "#dashboard/tenants/use-tenants.ts";
import { hostOf } from "./state.ts";

const empty = { url: "", description: "", events: "*", tenant_id: "" };
const choices = [
  ["*", "everything"],
  ["deployment.*", "every deployment event"],
  ["saga.*", "every saga event"],
  ...webhookEvents.map((event) => [event, `only ${event}`] as const),
] as const;

export function NewWebhookForm() {
  const { server } = useTools();
  const { seeAll } = useMay();
  const tenants = useTenants();
  const [draft, setDraft] = useState(empty);
  const form = useRef<HTMLFormElement>(null);
  const create = useChange(
    ({ url, description, events, tenant_id: tenantId }: typeof empty, key) => {
      const body = {
        url: url.trim(),
        events: [events],
        ...(description.trim() && { description: description.trim() }),
        ...(tenantId && { tenant_id: tenantId }),
      };
      return server.change({ method: "POST", path: paths.webhooks, schema: createdWebhook, body, key });
    },
    () => setDraft(empty),
  );
  useFaultFocus(form, create.error);
  const fault = (field: keyof typeof empty) => faultAt(faultsOf(create.error), field, field === "url" && draft.url);
  const change = (it: Partial<typeof empty>) => setDraft({ ...draft, ...it });
  return (
    <details className="card opener">
      <summary>New webhook</summary>
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
        <Field label="Address" fault={fault("url")} hint="Signed by the Standard Webhooks convention">
          {(input) => (
            <input
              {...input}
              type="url"
              spellCheck={false}
              placeholder="https://hooks.example.com/arcadia"
              value={draft.url}
              onChange={(event) => change({ url: event.target.value })}
            />
          )}
        </Field>
        <Field label="Tell it of" fault={fault("events")}>
          {(input) => (
            <select {...input} value={draft.events} onChange={(event) => change({ events: event.target.value })}>
              {choices.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        {seeAll && (
          <Field label="Of" fault={fault("tenant_id")}>
            {(input) => (
              <select
                {...input}
                value={draft.tenant_id}
                onChange={(event) => change({ tenant_id: event.target.value })}
              >
                <option value="">all tenants</option>
                {tenants.map((tenant) => (
                  <option key={tenant.id} value={tenant.id}>
                    only {tenant.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field label="Description (optional)" fault={fault("description")}>
          {(input) => (
            <input
              {...input}
              value={draft.description}
              onChange={(event) => change({ description: event.target.value })}
            />
          )}
        </Field>
        <button type="submit" className="primary" disabled={create.isPending}>
          Create webhook
        </button>
      </form>
      {create.data && (
        <ShownOnce secret={create.data.secret} what="the signing secret">
          The signing secret of <b>{hostOf(create.data)}</b>
        </ShownOnce>
      )}
    </details>
  );
}
