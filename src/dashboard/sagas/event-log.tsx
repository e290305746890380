import type { SagaEvent } from "#api/sagas.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { clockTime } from "#dashboard/time/format.ts";
import { wordsOfEvent } from "./event-words.ts";

/** What happened, newest first. Closed once the saga has ended: its steps tell the story then. */
export function EventLog(props: {
  readonly events: readonly SagaEvent[];
  readonly count: number;
  readonly ended: boolean;
}) {
  const { events, count, ended } = props;
  return (
    <details className="event-log" open={!ended}>
      <summary>
        Events <span className="count">{count}</span>
      </summary>
      <ol reversed start={count} data-last={count} tabIndex={0} aria-label="Events">
        {events.toReversed().map((event) => (
          <EventLine key={event.sequence} event={event} />
        ))}
      </ol>
    </details>
  );
}

function EventLine({ event }: { readonly event: SagaEvent }) {
  const { subject, status, text } = wordsOfEvent(event);
  return (
    <li data-sequence={event.sequence}>
      <time dateTime={event.at}>{clockTime(new Date(event.at))}</time>
      <span className="event-subject">{subject}</span>
      {status && <Badge status={status} />}
      {text && <span className="event-text">{text}</span>}
    </li>
  );
}
