import type { Saga } from "#api/sagas.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { failureIn } from "./plain-error.ts";

/** In a row of a list: what it is stuck on, and where a human does something about it. */
export function StuckNote({ saga }: { readonly saga: Saga }) {
  const why = failureIn(saga);
  return (
    <span className="sub">
      <span className="clip" title={why}>
        {why}
      </span>
      Mend the cause, then <a href={hrefOf(["sagas", saga.id])}>retry or resolve it</a>
    </span>
  );
}
