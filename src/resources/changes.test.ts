import { expect, test } from "vitest";
import { type ChangePhase, mayChange } from "./changes.ts";

const all: readonly ChangePhase[] = ["sending", "reached", "returning", "refused", "returned", "left"];

/** Rows: from; columns: to, in the order of `all`. Written down apart from the machine on purpose. */
const table: Readonly<Record<ChangePhase, string>> = {
  sending: "· x x x x x",
  reached: "· · x · x x",
  returning: "· · · · x x",
  refused: "· · · · · ·",
  returned: "· · · · · ·",
  left: "· · · · · ·",
};

test.each(all.flatMap((from) => all.map((to, index) => [from, to, table[from].split(" ")[index] === "x"] as const)))(
  "%s to %s: %s",
  (from, to, allowed) => expect(mayChange(from, to)).toBe(allowed),
);
