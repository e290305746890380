import { useQuery } from "@tanstack/react-query";
import type { Deployment } from "#api/deployments.ts";
import { type OperationField, snapshotPage } from "#api/operations.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Field } from "#dashboard/parts/field.tsx";
import { useReleases } from "#dashboard/releases/use-releases.ts";
import { pairsOf } from "#dashboard/parts/pairs.ts";
import { SlugField } from "./slug-field.tsx";
import { useCatalogue } from "./use-catalogue.ts";

interface Props {
  readonly field: OperationField;
  readonly deployment: Deployment;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (text: string) => void;
}

/** One field of an operation, chosen or typed as its kind has it. */
export function OperationInput(props: Props) {
  const { field, value, fault, onChange } = props;
  if (field.kind === "size" || field.kind === "image") return <CatalogueInput {...props} />;
  if (field.kind === "snapshot") return <SnapshotInput {...props} />;
  if (field.kind === "release") return <ReleaseInput {...props} />;
  if (field.kind === "flag") return <FlagInput {...props} />;
  if (field.kind === "pairs") return <PairsInput {...props} />;
  const isNumber = field.kind === "number";
  return (
    <Field label={field.label} fault={fault} hint={field.help}>
      {(input) => (
        <input
          {...input}
          inputMode={isNumber ? "numeric" : undefined}
          value={value}
          onChange={(event) => onChange(isNumber ? event.target.value.replace(/\D/g, "") : event.target.value)}
        />
      )}
    </Field>
  );
}

/** What was typed or chosen, as the API takes it. */
export function valueOf({ kind }: OperationField, text: string): unknown {
  if (kind === "number") return Number(text);
  if (kind === "flag") return text === "true";
  return kind === "pairs" ? pairsOf(text.split("\n")) : text;
}

function ReleaseInput({ field, value, fault, onChange }: Props) {
  const releases = useReleases();
  return (
    <Field label={field.label} fault={fault} hint={field.help}>
      {(input) => (
        <select {...input} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">as today</option>
          {releases.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function FlagInput({ field, value, fault, onChange }: Props) {
  return (
    <Field label={field.label} fault={fault}>
      {(input) => (
        <input
          {...input}
          type="checkbox"
          checked={value === "true"}
          onChange={(event) => onChange(event.target.checked ? "true" : "")}
        />
      )}
    </Field>
  );
}

function PairsInput({ field, value, fault, onChange }: Props) {
  return (
    <Field label={field.label} fault={fault} hint="NAME=value, a line each; the others stay as they are">
      {(input) => (
        <textarea
          {...input}
          rows={3}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function CatalogueInput({ field, deployment, value, fault, onChange }: Props) {
  const choices = useCatalogue();
  return (
    <SlugField
      label={field.label}
      choices={field.kind === "size" ? choices?.sizes : choices?.images}
      inRegion={deployment.region}
      value={value}
      fault={fault}
      onChange={onChange}
    />
  );
}

function SnapshotInput({ field, deployment, value, fault, onChange }: Props) {
  const { server } = useTools();
  const { id } = deployment;
  const { data } = useQuery({
    queryKey: ["deployment", id, "snapshots"],
    queryFn: ({ signal }) => server.get(fill(paths.deploymentSnapshots, { id }), snapshotPage, { limit: 100 }, signal),
  });
  const taken = data?.items.filter((it) => it.of === "droplet");
  const none = taken?.length === 0;
  return (
    <Field label={field.label} fault={fault} hint={none && "It has no snapshot: take one first"}>
      {(input) => (
        <select {...input} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{data ? "Choose a snapshot" : "Reading…"}</option>
          {taken?.map((it) => (
            <option key={it.id} value={it.id}>
              {it.name} of {it.created_at.slice(0, 16).replace("T", " ")}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
