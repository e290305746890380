import { hasEnded } from "#saga-ended.ts";
import type { Clock } from "#clock.ts";
import { after } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { eventsAfter, type EventRow, sagaStatus } from "#saga-queries/queries.ts";
import { isTokenLive } from "#tokens/queries.ts";
import type { EventFeed } from "../plumbing/dependencies.ts";
import { presentEvent } from "./present.ts";

const pageSize = 500;
/** In milliseconds. A look finds what a lost notification did not tell. */
const every = { look: 2_000, heartbeat: 15_000, tokenCheck: 3_000 };

/**
 * The events of a saga after a sequence, as server-sent events: without gap or repeat, until the saga has ended and
 * all is sent, the token is no longer valid, or the signal aborts.
 */
export async function* sagaStream(
  source: { readonly db: Db; readonly clock: Clock; readonly feed: EventFeed },
  stream: { readonly sagaId: string; readonly after: number; readonly tokenId: string; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const { db, clock, feed } = source;
  const { sagaId, tokenId, signal } = stream;
  const bell = newBell(clock, signal);
  const unsubscribe = feed.subscribe(sagaId, bell.ring);
  let sequence = stream.after;
  let checkedAt = clock.now();
  let spokeAt = clock.now();
  try {
    yield ": connected\nretry: 2000\n\n";
    while (!signal.aborted) {
      // The status first: what is read after it holds every event up to it.
      const status = await sagaStatus(db, sagaId);
      const events = await eventsAfter(db, sagaId, sequence, pageSize);
      for (const event of events) yield frame(event);
      sequence = events.at(-1)?.sequence ?? sequence;
      if (events.length > 0) spokeAt = clock.now();
      if (events.length === pageSize) continue;
      if (status === undefined || hasEnded(status)) {
        yield ": the saga has ended\n\n";
        return;
      }
      if (clock.now() >= after(spokeAt, every.heartbeat)) {
        yield ": still there\n\n";
        spokeAt = clock.now();
      }
      await bell.wait(every.look);
      if (clock.now() < after(checkedAt, every.tokenCheck)) continue;
      checkedAt = clock.now();
      if (!(await isTokenLive(db, tokenId, checkedAt))) {
        yield ": the token is no longer valid\n\n";
        return;
      }
    }
  } finally {
    unsubscribe();
  }
}

const frame = (event: EventRow): string =>
  `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(presentEvent(event))}\n\n`;

/** Sleeps until rung; a ring while nobody sleeps is kept for the next wait. */
function newBell(clock: Clock, signal: AbortSignal) {
  let rung = false;
  let nap: AbortController | undefined;
  const ring = () => {
    rung = true;
    nap?.abort();
  };
  signal.addEventListener("abort", ring, { once: true });
  return {
    ring,
    async wait(ms: number): Promise<void> {
      const mine = new AbortController();
      nap = mine;
      if (rung) mine.abort();
      try {
        await clock.sleep(ms, mine.signal);
      } catch (error) {
        // A ring is how this sleep ends early.
        if (!mine.signal.aborted) throw error;
      }
      rung = false;
    },
  };
}
