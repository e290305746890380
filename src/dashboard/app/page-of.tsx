import { AuditPage } from "#dashboard/audit/audit-page.tsx";
import { DeploymentPage } from "#dashboard/deployments/deployment-page.tsx";
import { DeploymentsPage } from "#dashboard/deployments/deployments-page.tsx";
import { NewDeploymentPage } from "#dashboard/deployments/new-deployment-page.tsx";
import { InventoryPage } from "#dashboard/inventory/inventory-page.tsx";
import { OrphansPage } from "#dashboard/inventory/orphans-page.tsx";
import { OverviewPage } from "#dashboard/overview/overview-page.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { ReleasesPage } from "#dashboard/releases/releases-page.tsx";
import { SagaPage } from "#dashboard/sagas/saga-page.tsx";
import { SagasPage } from "#dashboard/sagas/sagas-page.tsx";
import { TenantPage } from "#dashboard/tenants/tenant-page.tsx";
import { TenantsPage } from "#dashboard/tenants/tenants-page.tsx";
import { TokensPage } from "#dashboard/tokens/tokens-page.tsx";
import { WebhookPage } from "#dashboard/webhooks/webhook-page.tsx";
import { WebhooksPage } from "#dashboard/webhooks/webhooks-page.tsx";
import type { Route } from "./route.ts";

/** The page of an address. */
export function PageOf({ route }: { readonly route: Route }) {
  const { query } = route;
  const [section = "overview", id] = route.path;
  switch (section) {
    case "overview":
      return <OverviewPage />;
    case "deployments":
      if (id === undefined) return <DeploymentsPage query={query} />;
      return id === "new" ? <NewDeploymentPage /> : <DeploymentPage key={id} id={id} />;
    case "releases":
      return <ReleasesPage query={query} />;
    case "sagas":
      return id === undefined ? <SagasPage query={query} /> : <SagaPage key={id} id={id} />;
    case "inventory":
      return <InventoryPage query={query} />;
    case "orphans":
      return <OrphansPage />;
    case "tenants":
      return id === undefined ? <TenantsPage query={query} /> : <TenantPage key={id} id={id} query={query} />;
    case "tokens":
      return <TokensPage />;
    case "webhooks":
      return id === undefined ? <WebhooksPage /> : <WebhookPage key={id} id={id} query={query} />;
    case "audit":
      return <AuditPage query={query} />;
    default:
      return (
        <Page title="There is no such page">
          <p>
            <a href="#/">Back to the overview</a>
          </p>
        </Page>
      );
  }
}
