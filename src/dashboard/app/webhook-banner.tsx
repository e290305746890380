import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { webhookPage } from "#api/webhooks.ts";
import { Banner } from "#dashboard/parts/banner.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { hostOf, wasDisabledByFailure } from "#dashboard/webhooks/state.ts";
import { hrefOf } from "./route.ts";
import { useTools } from "./tools.ts";

/** A receiver that failed for too long is told nothing any more, and does not know: an admin has to. */
export function WebhookBanner() {
  const { administer } = useMay();
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["webhooks", "disabled"],
    queryFn: ({ signal }) => server.get(paths.webhooks, webhookPage, { limit: 200 }, signal),
    refetchInterval: pollEvery(10_000),
    enabled: administer,
  });
  const disabled = administer ? (data?.items ?? []).filter(wasDisabledByFailure) : [];
  const [only, ...others] = disabled;
  return (
    <div role="alert">
      {only && (
        <Banner
          tone="bad"
          title={
            <a href={others.length === 0 ? hrefOf(["webhooks", only.id]) : hrefOf(["webhooks"])}>
              {others.length === 0
                ? `The webhook to ${hostOf(only)} is disabled`
                : `${disabled.length} webhooks are disabled`}
            </a>
          }
        />
      )}
    </div>
  );
}
