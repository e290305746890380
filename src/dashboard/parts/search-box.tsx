import { setQuery } from "#dashboard/app/route.ts";

/** A filter of the list that is typed; it lives in the address and nowhere else. */
export function SearchBox(props: { readonly name: string; readonly label: string; readonly value: string }) {
  const { name, label, value } = props;
  return (
    <input
      type="search"
      className="search"
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => setQuery({ [name]: event.target.value })}
    />
  );
}
