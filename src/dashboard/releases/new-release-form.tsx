import { useRef, useState } from "react";
import { paths } from "#api/paths.ts";
import { release as releaseSchema } from "#api/releases.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { SlugField } from "#dashboard/deployments/slug-field.tsx";
import { useCatalogue } from "#dashboard/deployments/use-catalogue.ts";
import { volumeOf } from "#dashboard/deployments/volume.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { Switch } from "#dashboard/parts/switch.tsx";
import { TextField } from "#dashboard/parts/text-field.tsx";
import { faultAt, useFaultFocus } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { checkOf } from "./check.ts";

const noText = { name: "", image: "", size_slug: "", health_check: "", volume: "", user_data: "" };

const switchNames = ["stateless", "rollback_safe", "monitoring", "ipv6", "backups", "reserved_ip"] as const;
/** What is on or off, and what that means. */
const switches: Readonly<Record<(typeof switchNames)[number], string>> = {
  stateless: "Nothing on the droplet's own disk is missed when it is replaced",
  rollback_safe:
    "The app before can go on with what this one has written to its volume: a replacement that fails goes back",
  monitoring: "DigitalOcean's monitoring agent",
  ipv6: "An IPv6 address too",
  backups: "DigitalOcean's backups, at their price",
  reserved_ip: "Deployments that do not say get a reserved IP, which outlives the droplet",
};

const empty = {
  ...noText,
  stateless: false,
  rollback_safe: false,
  monitoring: false,
  ipv6: false,
  backups: false,
  reserved_ip: false,
};
type Draft = typeof empty;

const bodyOf = (draft: Draft): object => {
  const { name, image, size_slug: size, health_check: check, volume, user_data: userData } = draft;
  return {
    name: name.trim(),
    image: /^[1-9]\d*$/.test(image) ? Number(image) : image,
    ...(size && { size_slug: size }),
    ...(check.trim() && { health_check: checkOf(check) }),
    ...(volume.trim() && { volume: volumeOf(volume) }),
    ...(userData && { user_data: userData }),
    ...Object.fromEntries(switchNames.filter((it) => draft[it]).map((it) => [it, true])),
  };
};

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
        <FaultSummary error={create.error} shown={Object.keys(noText)} />
        <div className="two-columns">
          <TextField
            label="Name"
            fault={faultOf("name")}
            hint="Such as web-2026-11-26; it never means another thing"
            value={draft.name}
            onChange={(name) => change({ name })}
          />
          <TextField
            label="Health check (optional)"
            fault={faultOf("health_check")}
            hint="http:8080/healthz, https:443/ or tcp:5432. DNS leads to a droplet only once it answers"
            value={draft.health_check}
            onChange={(health_check) => change({ health_check })}
          />
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
          <TextField
            label="Volume (optional)"
            fault={faultOf("volume")}
            hint="GiB for a deployment's data, on a disk that outlives its droplet: 50, or 50:xfs"
            value={draft.volume}
            onChange={(volume) => change({ volume })}
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
        {switchNames.map((name) => (
          <Switch key={name} checked={draft[name]} onChange={(isOn) => change({ [name]: isOn })}>
            {switches[name]}
          </Switch>
        ))}
        <div className="actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Create release
          </button>
        </div>
      </form>
    </details>
  );
}
