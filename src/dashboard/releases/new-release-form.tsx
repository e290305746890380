import { useRef, useState } from "react";
import { paths } from "#api/paths.ts";
import { release as releaseSchema } from "#api/releases.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { SlugField } from "#dashboard/deployments/slug-field.tsx";
import { useCatalogue } from "#dashboard/deployments/use-catalogue.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { faultAt, useFaultFocus } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { checkOf } from "./check.ts";

const empty = { name: "", image: "", size_slug: "", health_check: "", user_data: "", reserved_ip: false };
type Draft = typeof empty;

const bodyOf = ({ name, image, size_slug: size, health_check: check, user_data: userData, ...it }: Draft): object => ({
  name: name.trim(),
  image: /^[1-9]\d*$/.test(image) ? Number(image) : image,
  ...(size && { size_slug: size }),
  ...(check.trim() && { health_check: checkOf(check) }),
  ...(userData && { user_data: userData }),
  reserved_ip: it.reserved_ip,
});

export function NewReleaseForm() {
  const { server } = useTools();
  const choices = useCatalogue();
  const [draft, setDraft] = useState(empty);
  const form = useRef<HTMLFormElement>(null);
  const create = useChange(
    (asked: Draft, key) =>
      server.change({ method: "POST", path: paths.releases, schema: releaseSchema, body: bodyOf(asked), key }),
    () => setDraft(empty),
  );
  useFaultFocus(form, create.error);
  const faultOf = (field: keyof Draft) => faultAt(faultsOf(create.error), field, draft[field]);
  const change = (it: Partial<Draft>) => setDraft({ ...draft, ...it });
  return (
    <details className="card opener">
      <summary>New release</summary>
      <form
        ref={form}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(draft);
        }}
      >
        <FaultSummary error={create.error} shown={Object.keys(empty)} />
        <div className="two-columns">
          <Field label="Name" fault={faultOf("name")} hint="Such as web-2026-11-26; it never means another thing">
            {(input) => (
              <input
                {...input}
                spellCheck={false}
                autoCapitalize="none"
                value={draft.name}
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Health check (optional)"
            fault={faultOf("health_check")}
            hint="http:8080/healthz, https:443/ or tcp:5432. DNS leads to a droplet only once it answers"
          >
            {(input) => (
              <input
                {...input}
                spellCheck={false}
                autoCapitalize="none"
                value={draft.health_check}
                onChange={(event) => change({ health_check: event.target.value })}
              />
            )}
          </Field>
          <SlugField
            label="Image"
            choices={choices?.images}
            value={draft.image}
            fault={faultOf("image")}
            onChange={(image) => change({ image })}
          />
          <SlugField
            label="Size (optional)"
            choices={choices?.sizes}
            value={draft.size_slug}
            fault={faultOf("size_slug")}
            onChange={(size_slug) => change({ size_slug })}
          />
        </div>
        <Field
          label="User data (optional)"
          fault={faultOf("user_data")}
          hint="Run at the first boot, after /etc/arcadia/deployment.env is there. Sealed, never shown again"
        >
          {(input) => (
            <textarea
              {...input}
              rows={5}
              spellCheck={false}
              placeholder="#cloud-config"
              value={draft.user_data}
              onChange={(event) => change({ user_data: event.target.value })}
            />
          )}
        </Field>
        <label className="switch">
          <input
            type="checkbox"
            checked={draft.reserved_ip}
            onChange={(event) => change({ reserved_ip: event.target.checked })}
          />
          Deployments that do not say get a reserved IP, which outlives the droplet
        </label>
        <div className="actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Create release
          </button>
        </div>
      </form>
    </details>
  );
}
