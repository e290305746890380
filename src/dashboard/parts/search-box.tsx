import { useState } from "react";
import { setQuery } from "#dashboard/app/route.ts";

/** A filter of the list that is typed; it lives in the address. */
export function SearchBox(props: { readonly name: string; readonly label: string; readonly value: string }) {
  const { name, label, value } = props;
  const [text, setText] = useState(value);
  return (
    <input
      type="search"
      className="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        setQuery({ [name]: event.target.value.trim() });
      }}
    />
  );
}
