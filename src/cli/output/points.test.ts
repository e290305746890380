import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { sayPoints } from "./points.ts";

function said(points: readonly string[], terminal?: { isTTY: true; columns: number }): string[] {
  const output = Object.assign(new PassThrough(), terminal ?? {});
  sayPoints(output, points);
  return String(output.read()).trimEnd().split("\n");
}

const long = "A new droplet is made, and its app has to answer before anybody is led there, which takes a while";

test("each point has its dash, and in a terminal none is wider than that", () => {
  const lines = said([long, "It costs $6"], { isTTY: true, columns: 40 });
  expect(lines.map((line) => line.slice(0, 4))).toEqual(["  - ", "    ", "    ", "  - "]);
  expect(
    lines
      .slice(0, 3)
      .map((line) => line.slice(4))
      .join(" "),
  ).toBe(long);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
});

test("elsewhere a point is a line, and a long word stays whole", () => {
  expect(said([long])).toEqual([`  - ${long}`]);
  expect(said(["x".repeat(60)], { isTTY: true, columns: 40 })).toEqual([`  - ${"x".repeat(60)}`]);
});
