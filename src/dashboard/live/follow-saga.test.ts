import { expect, test } from "vitest";
import type { SagaEvent } from "#api/sagas.ts";
import { NoAnswer, Refused } from "#dashboard/server/failures.ts";
import { longestSilence } from "./event-stream.ts";
import { followSaga } from "./follow-saga.ts";

const id = "0198a9a0-0000-7000-8000-000000000001";
/** Pauses take no time; what would be silence never ends. */
const clock = {
  now: () => new Date(60_000),
  sleep: async (ms: number) => (ms < longestSilence ? undefined : new Promise<void>(() => undefined)),
};
const connection = { failed: () => undefined };

const frame = (sequence: number) =>
  `id: ${sequence}\nevent: saga\ndata: ${JSON.stringify({ saga_id: id, sequence, at: "2026-11-22T12:00:00.000Z", type: "saga" })}\n\n`;

/** A server with ten events whose every connection dies after a few, sending one again that was heard already. */
function brokenServer(whenAsked: (after: number, connection: number) => void) {
  let connections = 0;
  return {
    async events(_path: string, after: number) {
      connections += 1;
      whenAsked(after, connections);
      const from = Math.max(1, after);
      const text = Array.from({ length: 4 }, (_, index) => from + index)
        .filter((sequence) => sequence <= 10)
        .map(frame)
        .join("");
      const bytes = new TextEncoder().encode(`${text}id: 99\ndata: {"not who`);
      let sent = false;
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          if (!sent) controller.enqueue(bytes);
          else if (after < 9) controller.error(new TypeError("network error"));
          else controller.close();
          sent = true;
        },
      });
    },
  };
}

async function follow(server: Parameters<typeof followSaga>[0]["server"]) {
  const heard: SagaEvent[] = [];
  const saga = { id, last: 0, signal: new AbortController().signal };
  await followSaga(
    { server, clock, connection },
    saga,
    (events) => heard.push(...events),
    async () => heard.length >= 10,
  );
  return heard.map((event) => event.sequence);
}

test("through broken connections every event comes, in order and once", async () => {
  const asked: number[] = [];
  const heard = await follow(
    brokenServer((after, nth) => {
      asked.push(after);
      if (nth === 2) throw new NoAnswer("the server restarts");
    }),
  );
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(asked.length).toBeGreaterThan(3);
});

test("a refusal ends it", async () => {
  const heard = await follow({
    events: async () => {
      throw new Refused(401, undefined);
    },
  });
  expect(heard).toEqual([]);
});

test("a stream that falls silent is dropped, told as lost, and taken up where it was", async () => {
  const heard: number[] = [];
  const lost: number[] = [];
  const asked: number[] = [];
  const dropped: number[] = [];
  const server = {
    async events(_path: string, after: number) {
      asked.push(after);
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(frame(after + 1))),
        cancel: () => void dropped.push(after),
      });
    },
  };
  // The silence ends as soon as what was sent is read.
  const impatient = { ...clock, sleep: async () => new Promise<void>((resolve) => void setImmediate(resolve)) };
  const leaving = new AbortController();
  await followSaga(
    { server, clock: impatient, connection: { failed: (since) => lost.push(since.getTime()) } },
    { id, last: 0, signal: leaving.signal },
    (events) => {
      heard.push(...events.map((event) => event.sequence));
      if (heard.length === 3) leaving.abort();
    },
    async () => false,
  );
  expect(heard).toEqual([1, 2, 3]);
  expect(asked).toEqual([0, 1, 2]);
  expect(dropped).toEqual(asked);
  expect(lost.every((since) => since === 60_000 - longestSilence)).toBe(true);
  expect(lost.length).toBeGreaterThanOrEqual(2);
});
