import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { access } from "#http/access.ts";

const document = await readFile(fileURLToPath(new URL("../SECURITY.md", import.meta.url)), "utf8");

test("the document's table of routes and roles is the one that the server enforces", () => {
  const rows = [...document.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \S+)` \| (\w+) \| ([^|]+) \|$/gm)];
  const documented = rows.map(([, route, role, tenant]) => [route, role, role === "open" ? "–" : tenant]);
  const enforced = Object.entries(access).map(([route, { role, scope }]) => {
    const tenant = scope === "own" ? "yes, its own" : "no";
    return [route, role, role === "open" ? "–" : tenant];
  });
  expect(documented).toEqual(enforced);
});

test("it counts the open routes right", () => {
  const words = ["none", "one", "two", "three", "four", "five", "six", "seven"];
  const open = Object.values(access).filter(({ role }) => role === "open").length;
  expect(document).toContain(`a token on every route but ${words[open]}`);
});
