import { expect, test } from "vitest";
import { z } from "zod";
import { Saga } from "./saga.ts";

const step = <const Name extends string>(name: Name, undoAfter: readonly string[] | "all" = []) => ({
  name,
  writes: z.object({}),
  undoAfter,
  execute: async () => ({}),
  compensate: async () => undefined,
});
const input = z.object({ probed: z.boolean() });
const saga = new Saga<z.output<typeof input>, { readonly input: z.output<typeof input> }, object>("a saga", input)
  .step(step("mark", "all"))
  .step(step("create", ["probe", "point"]))
  .step(step("probe"), { when: (facts) => facts.input.probed })
  .step(step("point"))
  .pivot(step("retire"));

test("a plan is the steps in their order, with what is undone before each, and where the pivot is", () => {
  expect(saga.plan({ probed: true })).toEqual({
    pivot: 4,
    steps: [
      { name: "mark", undoAfter: ["create", "probe", "point", "retire"] },
      { name: "create", undoAfter: ["probe", "point"] },
      { name: "probe", undoAfter: [] },
      { name: "point", undoAfter: [] },
      { name: "retire", undoAfter: [] },
    ],
  });
});

test("a step that the input leaves out is in it nowhere", () => {
  expect(saga.plan({ probed: false })).toEqual({
    pivot: 3,
    steps: [
      { name: "mark", undoAfter: ["create", "point", "retire"] },
      { name: "create", undoAfter: ["point"] },
      { name: "point", undoAfter: [] },
      { name: "retire", undoAfter: [] },
    ],
  });
});

test("a step may be the pivot for some inputs, before the saga's own; one that is left out is none", () => {
  const earlier = new Saga<z.output<typeof input>, { readonly input: z.output<typeof input> }, object>("a saga", input)
    .step(step("mark"))
    .step(step("move"), { when: (facts) => facts.input.probed, pivotWhen: () => true })
    .step(step("point"))
    .pivot(step("retire"));
  expect(earlier.plan({ probed: true }).pivot).toBe(1);
  expect(earlier.plan({ probed: false }).pivot).toBe(2);
  expect(earlier.reversible.map(({ name }) => name)).toEqual(["mark", "move", "point"]);
  expect(earlier.withPivotAt("move").reversible.map(({ name }) => name)).toEqual(["mark"]);
  expect(earlier.map((it) => it).plan({ probed: true })).toEqual(earlier.plan({ probed: true }));
});

test("a retired step is in no plan, and found by its name", () => {
  const later = saga.retire(step("dropped"));
  expect(later.plan({ probed: false })).toEqual(saga.plan({ probed: false }));
  expect(later.named("dropped")?.name).toBe("dropped");
  expect(saga.named("dropped")).toBeUndefined();
});

test("a saga whose steps are changed keeps its plan", () => {
  const changed = saga.retire(step("dropped")).map((it) => ({ ...it, execute: async () => ({}) }));
  for (const probed of [true, false]) expect(changed.plan({ probed })).toEqual(saga.plan({ probed }));
  expect(changed.named("dropped")).toBeDefined();
});
