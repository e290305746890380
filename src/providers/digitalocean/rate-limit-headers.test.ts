import { expect, test } from "vitest";
import { blockedUntil, remainingOf, retryAtOf } from "./rate-limit-headers.ts";

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
  ["86400", 60, 3600],
  ["Sun, 01 Nov 2026 12:00:09 GMT", 9, 9],
  ["Sun, 01 Nov 2026 11:59:00 GMT", 1, 0],
  ["2026", 60, 2026],
  ["2026-11-01T12:00:09Z", 10, undefined],
  ["Nov 1 2031", 10, undefined],
  ["1e3", 10, undefined],
  ["soon", 10, undefined],
  ["5, 9", 9, 9],
  ["5, 9, soon", 10, undefined],
  ["9".repeat(400), 60, 3600],
  ["Fri, 01 Nov 2126 12:00:00 GMT", 60, 3600],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 1, 0],
  ["NaN", 10, undefined],
  ["", 10, undefined],
  [undefined, 10, undefined],
])("Retry-After: %s is %s s after a 429, %s after a 503", ([header, after429, after503]) => {
  expect(seconds(429, header)).toBe(after429);
  expect(seconds(503, header)).toBe(after503);
  expect(seconds(500, header)).toBe(undefined);
});

test.for<[string | undefined, number]>([
  ["7", 7],
  ["2026", 2026],
  ["86400", 3600],
  [undefined, 10],
])("nobody asks for Retry-After: %s, but for a probe; that is %s s", ([header, expected]) => {
  const until = blockedUntil(answer(429, header), from);
  expect(until && (until.getTime() - from.getTime()) / 1000).toBe(expected);
  expect(blockedUntil(answer(503, header), from)).toBe(undefined);
});

test.for<[string | undefined, number | undefined]>([
  ["4985", 4985],
  ["0", 0],
  ["9999999999", 1_000_000],
  ["9".repeat(400), 1_000_000],
  ["4985, 12", 12],
  ["4985, 9999999999", 4985],
  ["4985, x", undefined],
  ["-1", undefined],
  ["12.5", undefined],
  ["1e3", undefined],
  ["NaN", undefined],
  ["", undefined],
  [undefined, undefined],
])("ratelimit-remaining: %s is %s", ([header, remaining]) => {
  const headers = new Headers(header === undefined ? {} : { "ratelimit-remaining": header });
  expect(remainingOf({ status: 200, headers, text: "" })).toBe(remaining);
  expect(remainingOf({ status: 429, headers, text: "" })).toBe(undefined);
});
