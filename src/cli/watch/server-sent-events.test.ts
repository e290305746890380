import fc from "fast-check";
import { expect, test } from "vitest";
import { serverSentEvents } from "./server-sent-events.ts";

const body = (bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b);
      for (const [index, from] of [0, ...places].entries()) controller.enqueue(bytes.slice(from, places[index]));
      controller.close();
    },
  });

async function all(events: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const event of events) found.push(event);
  return found;
}

test("events survive any cut of the bytes, comments and line ends of every kind", async () => {
  const stream =
    ': connected\nretry: 2000\n\nid: 1\nevent: saga\ndata: {"a":"é"}\n\n: still there\n\r\ndata: x\r\ndata:y\r\n\r\n';
  const bytes = new TextEncoder().encode(stream);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), async (cuts) => {
      expect(await all(serverSentEvents(body(bytes, cuts)))).toEqual(['{"a":"é"}', "x\ny"]);
    }),
  );
});

test("an event that the end of the stream cuts off is not told", async () => {
  const bytes = new TextEncoder().encode("data: whole\n\ndata: hal");
  expect(await all(serverSentEvents(body(bytes, [])))).toEqual(["whole"]);
});
