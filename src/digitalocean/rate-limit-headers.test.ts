import { expect, test } from "vitest";
import { retryAtOf } from "./rate-limit-headers.ts";

const from = new Date("2026-11-01T12:00:00Z");
const answer = (status: number, retryAfter: string | undefined) => ({
  status,
  headers: new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  text: "",
});
const seconds = (status: number, retryAfter: string | undefined) => {
  const at = retryAtOf(answer(status, retryAfter), from);
  return at && (at.getTime() - from.getTime()) / 1000;
};

test.for<[string | undefined, number, number | undefined]>([
  ["7", 7, 7],
  [" 7 ", 7, 7],
  ["1.5", 2, 2],
  ["0", 1, 0],
  ["-5", 1, 0],
  ["86400", 3600, 3600],
  ["Sun, 01 Nov 2026 12:00:09 GMT", 9, 9],
  ["Sun, 01 Nov 2026 11:59:00 GMT", 1, 0],
  ["2026", 2026, 2026],
  ["2026-11-01T12:00:09Z", 10, undefined],
  ["Nov 1 2031", 10, undefined],
  ["1e3", 10, undefined],
  ["soon", 10, undefined],
  ["", 10, undefined],
  [undefined, 10, undefined],
])("Retry-After: %s is %s s after a 429, %s after a 503", ([header, after429, after503]) => {
  expect(seconds(429, header)).toBe(after429);
  expect(seconds(503, header)).toBe(after503);
  expect(seconds(500, header)).toBe(undefined);
});
