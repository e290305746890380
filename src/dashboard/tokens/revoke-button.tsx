import { useState } from "react";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import type { Token } from "#api/tokens.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { useSelf } from "#dashboard/session/self.tsx";

export function RevokeButton({ token }: { readonly token: Token }) {
  const { server } = useTools();
  const self = useSelf();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const revoke = useChange(
    () => server.change({ method: "DELETE", path: fill(paths.token, { id: token.id }), schema: z.undefined() }),
    close,
  );
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsking(true)}>
        Revoke…
      </button>
      {asking && (
        <Confirm
          title={`Revoke ${token.name}?`}
          word={token.name}
          what="token's name"
          action="Revoke it"
          change={revoke}
          onConfirm={() => revoke.mutate()}
          onCancel={close}
        >
          <p>Whoever works with it is refused from now on, and its event streams end. There is no way back.</p>
          {token.id === self.id && (
            <p>
              <strong>It is the token that you are signed in with.</strong>
            </p>
          )}
        </Confirm>
      )}
    </>
  );
}
