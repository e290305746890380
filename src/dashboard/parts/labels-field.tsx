import { TextField } from "./text-field.tsx";

/** The labels of a tenant or a deployment, as text: see pairs.ts. */
export function LabelsField({
  label = "Labels",
  ...props
}: {
  readonly label?: string;
  readonly fault: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return <TextField {...props} label={label} hint="By which it is found: cohort=internal, tier=gold" />;
}
