import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { claimMs } from "#operations/expire-claims.ts";
import { access } from "#http/plumbing/access.ts";
import { deepest, mostValues } from "#http/plumbing/body-parser.ts";
import { limits } from "#http/plumbing/limits.ts";
import { mostWebhooks } from "#webhooks/queries.ts";

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

test("the document's limits are the ones that the server enforces", () => {
  const [, table = ""] = /^## Limits\n\n([^]*?)\n\n/m.exec(document) ?? [];
  const documented = [...table.matchAll(/^\| (?!what|---)([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, what, most]) => [what, Number(most?.replaceAll(/[^\d]/g, ""))],
  );
  expect(documented).toEqual([
    ["body", limits.bodyBytes / 1024],
    ["requests", limits.requestsPerMinute],
    ["refused requests without a token that is taken", limits.failuresPerMinute],
    ["event streams", limits.streamsPerToken],
    ["webhooks", mostWebhooks.ofTenant],
    ["webhooks that are not one tenant's", mostWebhooks.ofAll],
  ]);
});

test("what it says of depth, claims and tokens is what the server holds to", () => {
  expect(document).toContain(`nested at most ${deepest} levels deep`);
  expect(document).toContain(`with at most ${mostValues.toLocaleString("en")} values`);
  expect(document).toContain(`keeps its hostname for ${claimMs / 3_600_000} hours`);
  expect(() => readConfig({ ARCADIA_ADMIN_TOKEN: "x".repeat(31) })).toThrow("at least 32 characters");
  expect(readConfig({ ARCADIA_ADMIN_TOKEN: "x".repeat(32) }).adminToken).toHaveLength(32);
  expect(() => readConfig({ ARCADIA_ADMIN_TOKEN: `${"x".repeat(32)} y` })).toThrow("printable ASCII");
});
