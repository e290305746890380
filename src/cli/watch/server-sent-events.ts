import { createParser } from "eventsource-parser";

/** The `data` of every whole event of a text/event-stream body. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const told: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void told.push(data) });
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* told.splice(0);
  }
}
