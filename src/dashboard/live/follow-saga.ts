import { fill, paths } from "#api/paths.ts";
import { type SagaEvent, sagaEvent } from "#api/sagas.ts";
import { Refused } from "#dashboard/server/failures.ts";
import type { Server } from "#dashboard/server/server.ts";
import type { BrowserClock } from "#dashboard/time/browser-clock.ts";
import type { Connection } from "./connection.ts";
import { eventBatches, longestSilence, Silence } from "./event-stream.ts";

const reconnectMs = 1000;

/**
 * Tells the events of a saga in order, each once, from its first or after `last`, through any number of lost
 * connections, until the server says that there are no more or the signal aborts.
 * @param isOver asked when a stream ended: whether the saga has
 */
export async function followSaga(
  tools: {
    readonly server: Pick<Server, "events">;
    readonly clock: Pick<BrowserClock, "now" | "sleep">;
    readonly connection: Pick<Connection, "failed">;
  },
  saga: { readonly id: string; readonly last: number; readonly signal: AbortSignal },
  heard: (events: SagaEvent[]) => void,
  isOver: () => Promise<boolean>,
): Promise<void> {
  const { server, clock, connection } = tools;
  let { last } = saga;
  while (!saga.signal.aborted) {
    try {
      const body = await server.events(fill(paths.sagaEvents, { id: saga.id }), last, saga.signal);
      for await (const batch of eventBatches(body, clock)) {
        const events = batch.map(({ data }) => sagaEvent.parse(JSON.parse(data)));
        const fresh = events.filter((event) => event.sequence > last);
        last = fresh.at(-1)?.sequence ?? last;
        if (fresh.length > 0) heard(fresh);
      }
      if (await isOver()) return;
    } catch (error) {
      if (isFinal(error)) return;
      if (error instanceof Silence) connection.failed(new Date(clock.now().getTime() - longestSilence));
      // The page shows that the connection is lost; here it is only tried again.
    }
    await clock.sleep(reconnectMs, saga.signal);
  }
}

/** Refused for good: not signed in, or not this token's to see. */
const isFinal = (error: unknown): boolean => error instanceof Refused && error.status < 500 && error.status !== 429;
