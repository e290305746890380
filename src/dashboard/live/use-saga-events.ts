import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { fill, paths } from "#api/paths.ts";
import { type SagaEvent, saga as sagaSchema } from "#api/sagas.ts";
import { hasEnded } from "#saga-ended.ts";
import { useStore } from "#dashboard/app/store.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { tell } from "#dashboard/sagas/event-words.ts";
import { followSaga } from "./follow-saga.ts";
import { createRefresher } from "./refresher.ts";
import { useVisible } from "./use-visible.ts";

/** More are kept by the server; the page shows the newest. */
const kept = 500;

/**
 * The saga's newest events, and how many there were. With each batch the queries under `watched` are read again, so
 * the page is as new as the last event.
 */
export function useSagaEvents(sagaId: string, watched: readonly unknown[]) {
  const { server, clock, session, connection, announcements } = useTools();
  const lost = useStore(connection) !== null;
  const { token } = useStore(session);
  const queries = useQueryClient();
  const visible = useVisible();
  const [events, setEvents] = useState<readonly SagaEvent[]>([]);
  const heard = useRef({ sagaId, last: 0 });
  const key = JSON.stringify(watched);

  useEffect(() => {
    if (heard.current.sagaId !== sagaId) {
      heard.current = { sagaId, last: 0 };
      setEvents([]);
    }
    // A hidden tab gives its connection back: a browser opens only six to one server. While the server does not answer,
    // the stream may hang on a line that is dead and never says so: it is opened again once anything is answered.
    if (token === null || !visible || lost) return undefined;
    const leaving = new AbortController();
    const readAgain = createRefresher(() => queries.invalidateQueries({ queryKey: JSON.parse(key) }));
    const from = { id: sagaId, last: heard.current.last, signal: leaving.signal };
    void followSaga(
      { server, clock, connection },
      from,
      (fresh) => {
        const first = heard.current.last === 0;
        heard.current.last = fresh.at(-1)?.sequence ?? heard.current.last;
        setEvents((before) => [...before, ...fresh].slice(-kept));
        readAgain();
        // What had happened before the page was opened is on it; only what happens now is said aloud.
        const newest = fresh.at(-1);
        if (newest && !first) announcements.set(tell(newest));
      },
      async () => hasEnded((await server.get(fill(paths.saga, { id: sagaId }), sagaSchema)).status),
    );
    return () => leaving.abort();
  }, [sagaId, token, visible, lost, key, server, clock, connection, queries, announcements]);

  return { events, count: events.at(-1)?.sequence ?? 0 };
}
