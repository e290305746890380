import type { ReactNode } from "react";

/** One of a list of facts: `<dl className="facts-grid card">`. */
export function Fact(props: { readonly name: string; readonly wide?: boolean; readonly children: ReactNode }) {
  return (
    <div className={props.wide ? "wide" : undefined}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
