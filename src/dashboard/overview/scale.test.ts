import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, roundUp, roundUpCount, width } from "./scale.ts";

test.each([
  [0, 1],
  [1, 1],
  [3, 3],
  [14, 16],
  [51, 60],
  [0.31, 0.4],
])("the axis of %d ends at %d", (value, top) => expect(roundUp(value)).toBeCloseTo(top));

test("an axis holds its value, and is not much longer", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (value) => {
      expect(roundUp(value)).toBeGreaterThanOrEqual(value);
      expect(roundUp(value)).toBeLessThanOrEqual(value * 1.5);
    }),
  );
});

test.each([0, 1, 2, 3, 7, 9, 10, 11, 99, 101, 480, 12_345])("half of the axis of a count of %d is whole", (value) => {
  const top = roundUpCount(value);
  expect(top).toBeGreaterThanOrEqual(value);
  expect(Number.isInteger(top / 2)).toBe(true);
});

test("the columns fill the chart and do not touch", () => {
  const columns = columnsOf(30);
  expect(columns.left(0)).toBeGreaterThan(0);
  expect(columns.left(29) + columns.bar).toBeLessThan(width);
  expect(columns.left(1)).toBeGreaterThan(columns.left(0) + columns.bar);
});
