import { fill, paths } from "#api/paths.ts";
import { type Delivery, delivery as deliverySchema, deliveryPage, type Webhook } from "#api/webhooks.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { loggedKey } from "#dashboard/list/keys.ts";
import { type Column, List } from "#dashboard/list/list.tsx";
import { useList } from "#dashboard/list/use-list.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { duration } from "#dashboard/time/format.ts";

/** What was sent to a receiver, with every attempt. */
export function Deliveries({ webhook, status }: { readonly webhook: Webhook; readonly status: string }) {
  const list = useList(fill(paths.webhookDeliveries, { id: webhook.id }), deliveryPage, { status }, loggedKey);
  const redeliver: Column<Delivery> = {
    title: "Actions",
    unseenTitle: true,
    className: "row-end",
    cell: (delivery) => <Redeliver webhook={webhook} delivery={delivery} />,
  };
  return (
    <List
      label="Deliveries"
      list={list}
      columns={[...columns, redeliver]}
      empty={status ? "No delivery matches." : "Nothing was sent yet."}
    />
  );
}

const columns: readonly Column<Delivery>[] = [
  {
    title: "Event",
    cell: ({ type, object_id: object }) => (
      <>
        {type}
        <span className="sub">
          <a className="mono" href={hrefOf([type.startsWith("saga.") ? "sagas" : "deployments", object])}>
            {object.slice(-12)}
          </a>
        </span>
      </>
    ),
  },
  {
    title: "Status",
    cell: ({ status, next_attempt_at: next }) => (
      <>
        <Badge status={status === "pending" ? "waiting" : status} />
        {next && (
          <span className="sub">
            again <Ago at={next} />
          </span>
        )}
      </>
    ),
  },
  { title: "Attempts", cell: ({ attempts }) => <Attempts attempts={attempts} /> },
  { title: "Sent", cell: ({ at }) => <Ago at={at} /> },
];

function Attempts({ attempts }: Pick<Delivery, "attempts">) {
  const last = attempts.at(-1);
  if (!last) return <span className="faint">none yet</span>;
  return (
    <details className="attempts">
      <summary>
        {attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}
        <span className="sub clip">{wordsOf(last)}</span>
      </summary>
      <ol>
        {attempts.map((attempt) => (
          <li key={attempt.at}>
            <Ago at={attempt.at} />, {duration(attempt.duration_ms)}: {wordsOf(attempt)}
          </li>
        ))}
      </ol>
    </details>
  );
}

const wordsOf = ({ status, error }: Delivery["attempts"][number]): string =>
  error ?? (status === null ? "no answer" : `answered ${status}`);

function Redeliver({ webhook, delivery }: { readonly webhook: Webhook; readonly delivery: Delivery }) {
  const { server } = useTools();
  const again = useChange((_: void, key) =>
    server.change({
      method: "POST",
      path: fill(paths.webhookRedeliver, { id: webhook.id, delivery_id: delivery.id }),
      schema: deliverySchema,
      key,
    }),
  );
  return (
    <>
      <button
        type="button"
        disabled={again.isPending || !webhook.enabled}
        title={webhook.enabled ? undefined : "Enable the webhook first"}
        onClick={() => again.mutate()}
      >
        Redeliver
      </button>
      <ProblemNote error={again.error} />
    </>
  );
}
