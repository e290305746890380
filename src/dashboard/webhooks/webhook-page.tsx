import { useQuery } from "@tanstack/react-query";
import { fill, paths } from "#api/paths.ts";
import { deliveryStatuses, webhook as webhookSchema } from "#api/webhooks.ts";
import { go } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Choice } from "#dashboard/parts/choice.tsx";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { plain } from "#dashboard/sagas/words.ts";
import { pollEvery } from "#dashboard/server/poll.ts";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { Deliveries } from "./deliveries.tsx";
import { hostOf } from "./state.ts";
import { WebhookActions } from "./webhook-actions.tsx";
import { WebhookState } from "./webhook-state.tsx";

export function WebhookPage({ id, query }: { readonly id: string; readonly query: URLSearchParams }) {
  const { server } = useTools();
  const { data: webhook, error } = useQuery({
    queryKey: ["webhook", id],
    queryFn: ({ signal }) => server.get(fill(paths.webhook, { id }), webhookSchema, {}, signal),
    refetchInterval: pollEvery(5000),
  });
  if (!webhook)
    return (
      <Page title="Webhook">
        <ProblemNote error={error} />
      </Page>
    );
  const status = query.get("status") ?? "";
  return (
    <Page title={hostOf(webhook)} actions={<WebhookActions webhook={webhook} onDeleted={() => go(["webhooks"])} />}>
      <dl className="facts-grid card">
        <div>
          <dt>State</dt>
          <dd>
            <WebhookState webhook={webhook} />
          </dd>
        </div>
        <div>
          <dt>Is told of</dt>
          <dd>
            {webhook.events.includes("*") ? "everything" : webhook.events.join(", ")}
            {webhook.tenant_id && (
              <>
                {" of "}
                <TenantName id={webhook.tenant_id} />
              </>
            )}
          </dd>
        </div>
        {webhook.description && (
          <div>
            <dt>Description</dt>
            <dd>{webhook.description}</dd>
          </div>
        )}
        <div className="wide">
          <dt>Address</dt>
          <dd>
            <Copyable text={webhook.url} what="the address" />
          </dd>
        </div>
      </dl>
      <div className="filters">
        <Choice
          name="status"
          label="Status"
          value={status}
          options={[["", "Every delivery"], ...deliveryStatuses.map((it) => [it, plain(it)] as const)]}
        />
      </div>
      <Deliveries webhook={webhook} status={status} />
    </Page>
  );
}
