import { useState } from "react";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import type { Release } from "#api/releases.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { useChange } from "#dashboard/server/use-change.ts";

export function DeleteRelease({ release: { name } }: { readonly release: Release }) {
  const { server } = useTools();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const remove = useChange(
    () => server.change({ method: "DELETE", path: fill(paths.release, { name }), schema: z.undefined() }),
    close,
  );
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Delete…
      </button>
      {asking && (
        <Confirm
          title={`Delete ${name}?`}
          word={name}
          what="name"
          action="Delete it"
          change={remove}
          onConfirm={() => remove.mutate()}
          onCancel={close}
        >
          <p>Its user data goes too. While a deployment that did not end is of it, it is refused.</p>
        </Confirm>
      )}
    </>
  );
}
