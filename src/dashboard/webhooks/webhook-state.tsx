import type { Webhook } from "#api/webhooks.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { stateOf } from "./state.ts";

/** Whether it is told of anything, and if not: since when, and why. */
export function WebhookState({ webhook }: { readonly webhook: Webhook }) {
  const { disabled_at: disabledAt, disabled_reason: reason, failing_since: failingSince } = webhook;
  return (
    <>
      <Badge status={stateOf(webhook)} />
      {disabledAt !== null && (
        <span className="sub">
          <Ago at={disabledAt} />
          {reason && `: ${reason}`}
        </span>
      )}
      {webhook.enabled && failingSince !== null && (
        <span className="sub">
          first failure <Ago at={failingSince} />
        </span>
      )}
    </>
  );
}
