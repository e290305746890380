import { expect, test } from "vitest";
import { remaining, turnsBack } from "./remaining.ts";

const now = new Date("2026-11-26T12:00:00Z");
const at = (time: string) => `2026-11-26T${time}Z`;

test.each([
  [at("12:00:03"), at("12:07:32"), true, "next look in 3s, rolled back in 7m 32s"],
  [null, at("14:10:00"), false, "a human is called in 2h 10m"],
  [at("11:59:59"), null, true, "next look now"],
  [null, null, true, ""],
])("what looks again at %s and may take until %s", (next_try_at, deadline_at, returns, said) => {
  expect(remaining({ next_try_at, deadline_at }, returns, now)).toBe(said);
});

test("only what makes something, and has not turned yet, turns back", () => {
  expect(turnsBack({ name: "provision_droplet", direction: "forward" })).toBe(true);
  expect(turnsBack({ name: "provision_droplet", direction: "back" })).toBe(false);
  expect(turnsBack({ name: "deprovision_deployment", direction: "forward" })).toBe(false);
});
