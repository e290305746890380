import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { webhookPage } from "#api/webhooks.ts";
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
  return (
    <div role="alert">
      {disabled.length > 0 && (
        <p className="banner bad">
          <strong>
            {disabled.length === 1 ? "A webhook was disabled" : `${disabled.length} webhooks were disabled`}
          </strong>
          {" by failure: "}
          {disabled.slice(0, 3).map((webhook, index) => (
            <span key={webhook.id}>
              {index > 0 && ", "}
              <a href={hrefOf(["webhooks", webhook.id])}>{hostOf(webhook)}</a>
            </span>
          ))}
          {disabled.length > 3 && <a href={hrefOf(["webhooks"])}> and others</a>}
        </p>
      )}
    </div>
  );
}
