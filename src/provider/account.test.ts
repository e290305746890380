import { expect, test } from "vitest";
import { compare, remarkOn } from "./account.ts";

const team = { user: "ann", team: "blue" };
const own = { user: "ann", team: null };

test.for([
  ["the first account", null, null, team, "first"],
  ["the team", "blue", "team", team, "ours"],
  ["a colleague's token of it", "blue", "team", { user: "bob", team: "blue" }, "ours"],
  ["another team of the same user", "blue", "team", { user: "ann", team: "red" }, "another"],
  ["the user's own account beside the team", "blue", "team", own, "another"],
  ["a user's own account", "ann", "user", own, "ours"],
  ["another user's own", "ann", "user", { user: "bob", team: null }, "another"],
  ["the own account that became a team's, or another team", "ann", "user", team, "by its user"],
  ["a team, known by its user", "ann", null, team, "by its user"],
  ["an own account, known by its user", "ann", null, own, "by its user"],
  ["a colleague, while only the user is known", "ann", null, { user: "bob", team: "blue" }, "another"],
  ["a team that is called like our user", "ann", "user", { user: "bob", team: "ann" }, "another"],
] as const)("%s", ([, account_uuid, account_of, told, verdict]) => {
  expect(compare(told, { account_uuid, account_of })).toBe(verdict);
});

test("an account that is not active is told of in DigitalOcean's words", () => {
  expect(remarkOn("active", "")).toBeNull();
  expect(remarkOn(null, null)).toBeNull();
  expect(remarkOn("warning", "pay us")).toBe('DigitalOcean says of the account: warning ("pay us")');
  expect(remarkOn("locked", "")).toContain("DigitalOcean has locked the account: ");
});
