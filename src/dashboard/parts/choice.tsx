import { setQuery } from "#dashboard/app/route.ts";

/** A filter of the list that is chosen; it lives in the address. */
export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}) {
  const { name, label, value, options } = props;
  return (
    <select aria-label={label} value={value} onChange={(event) => setQuery({ [name]: event.target.value })}>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
