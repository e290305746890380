import { expect, test } from "vitest";
import { labelFilterOf, labelsIn, toldLabels, variableChangesIn } from "./pairs.ts";

test("labels are read as they are told", () => {
  const labels = { tier: "gold", cohort: "internal" };
  expect(toldLabels(labels)).toBe("cohort=internal, tier=gold");
  expect(labelsIn(toldLabels(labels))).toEqual(labels);
  expect(labelsIn(" ")).toEqual({});
});

test("a variable is set by its value and removed by its name", () => {
  expect(variableChangesIn("A=1\n\n B = x=y \nOLD\nEMPTY=")).toEqual({ A: "1", B: " x=y", OLD: null, EMPTY: "" });
});

test.each([
  ["", ""],
  ["cohort=internal", "cohort:internal"],
  ["cohort:internal, tier=gold", "cohort:internal,tier:gold"],
  ["cohort", undefined],
  ["cohort=", undefined],
  ["cohort=internal,ti", undefined],
])("the filter %j is asked for as %j", (text, asked) => expect(labelFilterOf(text)).toBe(asked));
