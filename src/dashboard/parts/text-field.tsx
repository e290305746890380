import type { ReactNode } from "react";
import { Field } from "./field.tsx";

/** A line that means something to a machine, such as a hostname: nobody's keyboard corrects or capitalises it. */
export function TextField(props: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly fault: string | undefined;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const { label, hint, fault, placeholder, value, onChange } = props;
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(input) => (
        <input
          {...input}
          spellCheck={false}
          autoCapitalize="none"
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
