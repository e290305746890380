import { useStore } from "./store.ts";
import { useTools } from "./tools.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Nav } from "./nav.tsx";
import { PageOf } from "./page-of.tsx";
import { ProblemsBanner } from "./problems-banner.tsx";
import { ProviderBanner, SimulatedBanner } from "./provider-banners.tsx";
import { parseRoute, useHash } from "./route.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { StuckBanner } from "./stuck-banner.tsx";
import { WebhookBanner } from "./webhook-banner.tsx";

/** What is around every page: navigation, and whatever needs a human. */
export function Shell() {
  const { seeAll } = useMay();
  const route = parseRoute(useHash());
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <Nav section={route.path[0] ?? "overview"} />
      <div className="page">
        <div role="region" aria-label="Notices" className="notices">
          <ConnectionBanner />
          <SimulatedBanner />
          <ProviderBanner />
          {seeAll && <ProblemsBanner />}
          <StuckBanner />
          <WebhookBanner />
        </div>
        <main id="main" tabIndex={-1}>
          <PageOf key={route.path.join("/")} route={route} />
        </main>
      </div>
      <Announcer />
    </div>
  );
}

/** The hash is the address of the page, so the browser's own jump would leave it. */
const skip = (event: { preventDefault(): void }) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
};

function Announcer() {
  const { announcements } = useTools();
  return (
    <p className="unseen" role="status" aria-live="polite">
      {useStore(announcements)}
    </p>
  );
}
