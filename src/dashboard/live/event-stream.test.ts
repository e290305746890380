import fc from "fast-check";
import { expect, test } from "vitest";
import { eventBatches, eventCutter } from "./event-stream.ts";

const whole = ': connected\nretry: 2000\n\nid: 1\nevent: saga\ndata: {"a":1}\n\nid: 2\r\ndata: x\r\ndata: y\r\n\r\n';
const expected = [
  { id: "1", data: '{"a":1}' },
  { id: "2", data: "x\ny" },
];

test("however the text is cut into pieces, the events are the same", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const cut = eventCutter();
      const events = at.slice(1).flatMap((end, index) => cut(whole.slice(at[index], end)));
      expect(events).toEqual(expected);
    }),
  );
});

test("an event that is not whole yet is not told", () => {
  const cut = eventCutter();
  expect(cut("id: 1\ndata: x\n")).toEqual([]);
  expect(cut("\n")).toEqual([{ id: "1", data: "x" }]);
});

test("a letter that is cut in two arrives whole", async () => {
  const bytes = new TextEncoder().encode("data: Zürich\n\n");
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const batches = await Array.fromAsync(eventBatches(body, { sleep: () => new Promise(() => undefined) }));
  expect(batches.flat().map((event) => event.data)).toEqual(["Zürich"]);
});
