import { setQuery } from "#dashboard/app/route.ts";
import { plain } from "#dashboard/sagas/words.ts";

/** A filter of the list that is chosen; it lives in the address, which may hold what is not among the options. */
export function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}) {
  const { name, label, value, options } = props;
  const isOffered = options.some(([option]) => option === value);
  return (
    <select aria-label={label} value={value} onChange={(event) => setQuery({ [name]: event.target.value })}>
      {!isOffered && <option value={value}>{value.split(",").map(plain).join(", ")}</option>}
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
