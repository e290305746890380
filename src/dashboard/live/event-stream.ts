import { createParser } from "eventsource-parser";
import type { BrowserClock } from "#dashboard/time/browser-clock.ts";

/** One event of a text/event-stream body. */
export interface StreamEvent {
  readonly id: string;
  readonly data: string;
}

/** The server says every 15 seconds that it is still there. In milliseconds. */
export const longestSilence = 35_000;

/**
 * The events of a body, in the batches in which they arrive.
 * @throws {Silence} when nothing came for too long, not even a sign of life
 */
export async function* eventBatches(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  clock: Pick<BrowserClock, "sleep">,
): AsyncGenerator<StreamEvent[]> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const cut = eventCutter();
  try {
    for (;;) {
      const came = new AbortController();
      const silence = clock.sleep(longestSilence, came.signal);
      const piece = await Promise.race([reader.read(), silence]).finally(() => came.abort());
      if (!piece) throw new Silence("Nothing was heard for too long");
      if (piece.done) return;
      const events = cut(piece.value);
      if (events.length > 0) yield events;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export class Silence extends Error {
  override readonly name = "Silence";
}

/** Cuts text that comes in pieces; what is not whole yet waits for the next piece. An event without an id has the last. */
export function eventCutter(): (piece: string) => StreamEvent[] {
  const told: StreamEvent[] = [];
  let last = "";
  const parser = createParser({
    onId: (id) => (last = id),
    onEvent: ({ data }) => void told.push({ id: last, data }),
  });
  return (piece) => {
    parser.feed(piece);
    return told.splice(0);
  };
}
