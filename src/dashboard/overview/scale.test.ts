import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, roundUp, width } from "./scale.ts";

test.each([
  [0, 1],
  [1, 1],
  [3, 5],
  [14, 20],
  [51, 100],
  [0.3, 0.5],
])("the axis of %d ends at %d", (value, top) => expect(roundUp(value)).toBeCloseTo(top));

test("an axis holds its value, and not less than a fifth of it", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (value) => {
      expect(roundUp(value)).toBeGreaterThanOrEqual(value);
      expect(roundUp(value)).toBeLessThanOrEqual(value * 5);
    }),
  );
});

test("the columns fill the chart and do not touch", () => {
  const columns = columnsOf(30);
  expect(columns.left(0)).toBeGreaterThan(0);
  expect(columns.left(29) + columns.bar).toBeLessThan(width);
  expect(columns.left(1)).toBeGreaterThan(columns.left(0) + columns.bar);
});
