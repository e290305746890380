import { paths } from "#api/paths.ts";
import { type Webhook, webhookPage } from "#api/webhooks.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { createdKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Page } from "#dashboard/parts/page.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { TenantName } from "#dashboard/tenants/tenant-name.tsx";
import { NewWebhookForm } from "./new-webhook-form.tsx";
import { hostOf } from "./state.ts";
import { WebhookActions } from "./webhook-actions.tsx";
import { WebhookState } from "./webhook-state.tsx";

export function WebhooksPage() {
  const { administer } = useMay();
  if (administer) return <Webhooks />;
  return (
    <Page title="Webhooks">
      <p>Only an admin's token sees them: what they send leaves the house.</p>
    </Page>
  );
}

function Webhooks() {
  const list = useList(paths.webhooks, webhookPage, {}, createdKey, 5000);
  return (
    <Page title="Webhooks">
      <NewWebhookForm />
      <List
        label="Webhooks"
        list={list}
        columns={columns}
        empty="Nobody is told yet. A webhook tells a receiver of yours when deployments and sagas change."
      />
    </Page>
  );
}

const columns: readonly Column<Webhook>[] = [
  {
    title: "Receiver",
    cell: (webhook) => (
      <>
        <a href={hrefOf(["webhooks", webhook.id])} title={webhook.url}>
          {hostOf(webhook)}
        </a>
        {webhook.description && <span className="sub clip">{webhook.description}</span>}
      </>
    ),
  },
  { title: "State", cell: (webhook) => <WebhookState webhook={webhook} /> },
  { title: "Is told of", cell: ({ events }) => (events.includes("*") ? "everything" : events.join(", ")) },
  { title: "Of", cell: ({ tenant_id: tenant }) => (tenant === null ? "all tenants" : <TenantName id={tenant} />) },
  { title: "Created", cell: ({ created_at }) => <Ago at={created_at} /> },
  {
    title: "Actions",
    unseenTitle: true,
    className: "row-end",
    cell: (webhook) => <WebhookActions webhook={webhook} />,
  },
];
