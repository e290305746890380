import { Field } from "#dashboard/parts/field.tsx";
import type { Choosable } from "./use-catalogue.ts";

/** A choice from the provider's catalogue; typed by hand while that is not read. */
export function SlugField(props: {
  readonly label: string;
  readonly choices: readonly Choosable[] | undefined;
  readonly inRegion?: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (slug: string) => void;
}) {
  const { label, choices, inRegion = "", value, fault, onChange } = props;
  const unread = choices !== undefined && choices.length === 0;
  const offered = (choices ?? []).filter(
    ({ slug, regions }) => slug === value || inRegion === "" || !regions || regions.includes(inRegion),
  );
  return (
    <Field label={label} fault={fault} hint={unread && "The provider's catalogue is not read yet: type the slug"}>
      {(input) =>
        unread ? (
          <input {...input} spellCheck={false} value={value} onChange={(event) => onChange(event.target.value)} />
        ) : (
          <select {...input} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">
              {choices ? `Choose ${label === "Image" ? "an" : "a"} ${label.toLowerCase()}` : "Reading…"}
            </option>
            {offered.map(({ slug, text }) => (
              <option key={slug} value={slug}>
                {text}
              </option>
            ))}
          </select>
        )
      }
    </Field>
  );
}
