import { Field } from "#dashboard/parts/field.tsx";
import { Switch } from "#dashboard/parts/switch.tsx";
import { LabelsField } from "#dashboard/parts/labels-field.tsx";
import { TextField } from "#dashboard/parts/text-field.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantPicker } from "#dashboard/tenants/tenant-picker.tsx";
import type { Draft } from "./draft.ts";
import { SlugField } from "./slug-field.tsx";
import { useReleases } from "#dashboard/releases/use-releases.ts";
import { useCatalogue } from "./use-catalogue.ts";

export const shownFields = [
  "tenant_id",
  "name",
  "hostname",
  "region",
  "size_slug",
  "image",
  "release",
  "variables",
  "labels",
  "volume",
  "ssh_keys",
  "user_data",
  "replace_dns",
  "reserved_ip",
];

interface Props {
  readonly draft: Draft;
  readonly faultOf: (field: keyof Draft) => string | undefined;
  readonly onChange: (change: Partial<Draft>) => void;
}

export function DraftFields(props: Props) {
  const { draft, faultOf, onChange } = props;
  return (
    <>
      <div className="two-columns">
        <TenantPicker
          value={draft.tenant_id}
          fault={faultOf("tenant_id")}
          onChange={(tenant_id) => onChange({ tenant_id })}
        />
        <Field label="Name" fault={faultOf("name")} hint="Begins the droplet's name">
          {(input) => (
            <input {...input} value={draft.name} onChange={(event) => onChange({ name: event.target.value })} />
          )}
        </Field>
        <TextField
          label="Hostname"
          fault={faultOf("hostname")}
          hint="Its A record will point to the droplet"
          placeholder="app.example.com"
          value={draft.hostname}
          onChange={(hostname) => onChange({ hostname })}
        />
        <Machine {...props} />
        <LabelsField
          label="Labels (optional)"
          fault={faultOf("labels")}
          value={draft.labels}
          onChange={(labels) => onChange({ labels })}
        />
        <TextField
          label="Volume (optional)"
          fault={faultOf("volume")}
          hint="GiB for its data, on a disk that outlives its droplet: 50, or 50:xfs. As its release says when left empty"
          value={draft.volume}
          onChange={(volume) => onChange({ volume })}
        />
      </div>
      <Variables {...props} />
      <BootData {...props} />
      <Switches {...props} />
    </>
  );
}

function Variables({ draft, faultOf, onChange }: Props) {
  return (
    <Field
      label="Variables (optional)"
      fault={faultOf("variables")}
      hint="NAME=value, a line each. In /etc/arcadia/deployment.env on its droplet; sealed, never shown again"
    >
      {(input) => (
        <textarea
          {...input}
          rows={3}
          spellCheck={false}
          placeholder="DATABASE_URL=postgres://…"
          value={draft.variables}
          onChange={(event) => onChange({ variables: event.target.value })}
        />
      )}
    </Field>
  );
}

function Machine({ draft, faultOf, onChange }: Props) {
  const choices = useCatalogue();
  const releases = useReleases();
  return (
    <>
      {releases.length > 0 && (
        <Field label="Release" fault={faultOf("release")} hint="What it runs, instead of an image of its own">
          {(input) => (
            <select {...input} value={draft.release} onChange={(event) => onChange({ release: event.target.value })}>
              <option value="">none: the image below</option>
              {releases.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <SlugField
        label="Region"
        choices={choices?.regions}
        value={draft.region}
        fault={faultOf("region")}
        onChange={(region) => onChange({ region })}
      />
      <SlugField
        label="Size"
        choices={choices?.sizes}
        inRegion={draft.region}
        value={draft.size_slug}
        fault={faultOf("size_slug")}
        onChange={(size_slug) => onChange({ size_slug })}
      />
      <SlugField
        label="Image"
        choices={choices?.images}
        inRegion={draft.region}
        value={draft.image}
        fault={faultOf("image")}
        onChange={(image) => onChange({ image })}
      />
    </>
  );
}

function BootData({ draft, faultOf, onChange }: Props) {
  return (
    <>
      <Field label="SSH keys (optional)" fault={faultOf("ssh_keys")} hint="Ids or fingerprints, separated by commas">
        {(input) => (
          <input
            {...input}
            spellCheck={false}
            value={draft.ssh_keys}
            onChange={(event) => onChange({ ssh_keys: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="User data (optional)"
        fault={faultOf("user_data")}
        hint="Run at the first boot. Sealed until the droplet is active, never shown again"
      >
        {(input) => (
          <textarea
            {...input}
            rows={5}
            spellCheck={false}
            placeholder="#cloud-config"
            value={draft.user_data}
            onChange={(event) => onChange({ user_data: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function Switches({ draft, onChange }: Props) {
  const { administerAll } = useMay();
  return (
    <>
      <Switch checked={draft.provision} onChange={(provision) => onChange({ provision })}>
        Provision it now
      </Switch>
      <Switch checked={draft.reserved_ip} onChange={(reserved_ip) => onChange({ reserved_ip })}>
        Lead the hostname to a reserved IP, which outlives the droplet, whatever its release says
      </Switch>
      {administerAll && (
        <Switch checked={draft.replace_dns} onChange={(replace_dns) => onChange({ replace_dns })}>
          Take over an A record that is already at this hostname
        </Switch>
      )}
    </>
  );
}
