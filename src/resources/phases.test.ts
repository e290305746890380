import { expect, test } from "vitest";
import { isLive, isWay, mayBegin, mayMove, type Phase } from "./phases.ts";

const all: readonly Phase[] = ["sending", "there", "refused", "absent", "removing", "gone", "left", "abandoned"];

/** Rows: from; columns: to, in the order of `all`. Written down apart from the machine on purpose. */
const table: Readonly<Record<Phase, string>> = {
  sending: "· x x x · · · x",
  there: "· · · · x x x x",
  refused: "· · · · · · · ·",
  absent: "· · · · · · · ·",
  removing: "· · · · · x x x",
  gone: "· · · · · · · ·",
  left: "· · · · · · · ·",
  abandoned: "· · · · · · · ·",
};

test.each(all.flatMap((from) => all.map((to, index) => [from, to, table[from].split(" ")[index] === "x"] as const)))(
  "%s to %s: %s",
  (from, to, allowed) => expect(mayMove(from, to)).toBe(allowed),
);

test("only what may be there is live, and only an intent or a find begins", () => {
  expect(all.filter(isLive)).toEqual(["sending", "there", "removing"]);
  expect(all.filter(mayBegin)).toEqual(["sending", "there"]);
});

test("a way skips no phase", () => {
  expect(isWay(["sending", "there", "removing", "gone"])).toBe(true);
  expect(isWay(["there", "left"])).toBe(true);
  expect(isWay(["sending", "gone"])).toBe(false);
  expect(isWay(["sending", "removing", "gone"])).toBe(false);
  expect(isWay(["gone"])).toBe(false);
  expect(isWay(["sending", "absent", "there"])).toBe(false);
});
