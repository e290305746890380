import { expect, test } from "vitest";
import { oneOf } from "./page.ts";

test("a list in a query has each of its values once, however often it is named", () => {
  const filter = oneOf(["completed", "stuck"]);
  expect(filter.parse("completed,stuck,completed,stuck")).toEqual(["completed", "stuck"]);
  expect(filter.safeParse("completed,").success).toBe(false);
});
