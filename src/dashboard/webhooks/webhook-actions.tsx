import { useState } from "react";
import { z } from "zod";
import { fill, paths } from "#api/paths.ts";
import { type Webhook, webhook as webhookSchema } from "#api/webhooks.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { hostOf } from "./state.ts";

export function WebhookActions(props: { readonly webhook: Webhook; readonly onDeleted?: () => void }) {
  const { webhook, onDeleted } = props;
  const { server } = useTools();
  const [deleting, setDeleting] = useState(false);
  const path = fill(paths.webhook, { id: webhook.id });
  const change = useChange((enabled: boolean) =>
    server.change({ method: "PATCH", path, schema: webhookSchema, body: { enabled } }),
  );
  const remove = useChange(
    () => server.change({ method: "DELETE", path, schema: z.undefined() }),
    () => {
      setDeleting(false);
      onDeleted?.();
    },
  );
  return (
    <span className="actions">
      <button type="button" disabled={change.isPending} onClick={() => change.mutate(!webhook.enabled)}>
        {webhook.enabled ? "Disable" : "Enable"}
      </button>
      <button type="button" className="danger" onClick={() => setDeleting(true)}>
        Delete…
      </button>
      <ProblemNote error={change.error} />
      {deleting && (
        <Confirm
          title="Delete this webhook?"
          word={hostOf(webhook)}
          what="receiver's host"
          action="Delete it"
          change={remove}
          onConfirm={() => remove.mutate()}
          onCancel={() => setDeleting(false)}
        >
          <p>
            <b>{hostOf(webhook)}</b> is told nothing any more, and the log of what was delivered to it goes too.
          </p>
        </Confirm>
      )}
    </span>
  );
}
