import type { ReactNode } from "react";
import { Copyable } from "./copyable.tsx";

/** A secret that was just made: the server does not show it again. */
export function ShownOnce(props: { readonly secret: string; readonly what: string; readonly children: ReactNode }) {
  return (
    <div className="shown-once" role="status">
      <p>{props.children}, shown this once:</p>
      <Copyable text={props.secret} what={props.what} />
    </div>
  );
}
