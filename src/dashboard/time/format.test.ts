import { expect, test } from "vitest";
import { ago, countdown, duration } from "./format.ts";

test.each([
  [0, "0 ms"],
  [-5, "0 ms"],
  [999, "999 ms"],
  [1000, "1.0 s"],
  [9_940, "9.9 s"],
  [59_400, "59 s"],
  [59_900, "1 m 00 s"],
  [185_000, "3 m 05 s"],
  [7_800_000, "2 h 10 m"],
  [90_000_000, "1 d 1 h"],
])("%d ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));

test.each([
  [1, "1 s"],
  [8_500, "9 s"],
  [59_001, "1 m 00 s"],
  [452_000, "7 m 32 s"],
])("%d ms to come count down as %s", (ms, text) => expect(countdown(ms)).toBe(text));

test.each([
  [0, "now"],
  [12, "12 s ago"],
  [-300, "in 5 m"],
  [7200, "2 h ago"],
  [200_000, "2 d ago"],
])("%d seconds back reads %s", (seconds, text) => {
  const now = new Date("2026-11-22T12:00:00Z");
  expect(ago(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
});
