import type { Saga, SagaError, SagaLeaves } from "#api/sagas.ts";
import { hasEnded } from "#saga-ended.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Lasting } from "#dashboard/parts/time.tsx";
import { hrefOf } from "#dashboard/app/route.ts";
import { useSagaEvents } from "#dashboard/live/use-saga-events.ts";
import { ErrorDetail } from "./error-detail.tsx";
import { EventLog } from "./event-log.tsx";
import { inPlainWords } from "./plain-error.ts";
import { SagaActions } from "./saga-actions.tsx";
import { Timeline } from "./timeline.tsx";
import { plain } from "./words.ts";

/** A saga as it happens. `watched`: the queries that are read again with each of its events. */
export function SagaPanel({ saga, watched }: { readonly saga: Saga; readonly watched: readonly unknown[] }) {
  const { events, count } = useSagaEvents(saga.id, watched);
  return (
    <section className="card saga" aria-label="Saga" data-saga-status={saga.status}>
      <header className="card-head">
        <h2>
          <a href={hrefOf(["sagas", saga.id])}>{plain(saga.name)}</a>
        </h2>
        <Badge status={saga.status} />
        {saga.started_at && (
          <span className="faint">
            <Lasting from={saga.started_at} to={saga.finished_at} />
          </span>
        )}
        <SagaActions saga={saga} />
      </header>
      <SagaNotes saga={saga} />
      <Timeline saga={saga} />
      <EventLog events={events} count={count} ended={hasEnded(saga.status)} />
    </section>
  );
}

function SagaNotes({ saga }: { readonly saga: Saga }) {
  const { error, stuck_error: stuck, leaves, resolution } = saga;
  return (
    <>
      {saga.cancel_requested_at && (
        <p className="saga-note">Cancel was asked for{saga.cancel_reason && `: ${saga.cancel_reason}`}</p>
      )}
      {stuck && <Because error={stuck} what="Stuck because" />}
      {error && error.message !== stuck?.message && <Because error={error} what={because(saga)} />}
      {saga.status === "stuck" && leaves && <Left leaves={leaves} />}
      {resolution && <p className="saga-note">Resolved by hand: {resolution.reason}</p>}
    </>
  );
}

function Because({ error, what }: { readonly error: SagaError; readonly what: string }) {
  return (
    <div className="saga-note bad">
      <strong>{what}: </strong>
      {inPlainWords(error.message).said}
      <ErrorDetail error={error} />
    </div>
  );
}

/** What a human finds at the provider. */
function Left({ leaves: { droplets, dns_records: records, reserved_ips: reserved } }: { readonly leaves: SagaLeaves }) {
  const things = [
    ...droplets.map(({ provider_id: id, name }) => `droplet ${name ?? ""}${id === null ? ", perhaps" : ` (${id})`}`),
    ...records.map(({ id, type, name }) => `DNS record ${name} ${type}${id === null ? ", perhaps" : ` (${id})`}`),
    ...reserved.map(({ ip, region }) => `reserved IP ${ip ?? `in ${region}, perhaps`}`),
  ];
  return <p className="saga-note">At the provider there is still: {things.join("; ") || "nothing"}</p>;
}

function because({ status, direction }: Saga): string {
  if (status === "rolled_back") return "Rolled back because";
  if (status === "stuck") return "Turned back because";
  return direction === "back" ? "Rolling back because" : "Trouble";
}
