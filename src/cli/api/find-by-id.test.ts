import { expect, test } from "vitest";
import { openFakeApi, sendJson } from "#test/fake-api.ts";

const hook = (id: string, url: string) => ({
  id,
  url,
  tenant_id: null,
  events: ["*"],
  description: null,
  enabled: true,
  disabled_at: null,
  failing_since: null,
  disabled_reason: null,
  created_at: "2026-11-22T12:00:00.000Z",
  updated_at: "2026-11-22T12:00:00.000Z",
});
const hooks = [
  hook("0199e000-0000-7000-8000-00000000000a", "https://a.example.com/"),
  hook("0199e000-0000-7000-8000-00000000000b", "https://b.example.com/"),
  hook("0199e001-0000-7000-8000-00000000000c", "https://c.example.com/"),
];

/** Deletes the webhook that `reference` names. @returns what was deleted, and what was said */
async function deleted(reference: string) {
  const api = await openFakeApi({
    "GET /v1/webhooks": (_, response) => sendJson(response, 200, { items: hooks, next_cursor: null }),
    ...Object.fromEntries(
      hooks.map(({ id }) => [
        `DELETE /v1/webhooks/${id}`,
        (_: unknown, response: Parameters<typeof sendJson>[0]) => response.writeHead(204).end(),
      ]),
    ),
  });
  const status = await api.run(["webhooks", "delete", reference, "--yes"]);
  const { stderr } = await api.close();
  return { status, stderr, gone: api.calls.flatMap(({ route }) => /^DELETE .*\/(.+)$/.exec(route)?.[1] ?? []) };
}

test("an id is found by its beginning, where only one begins so", async () => {
  expect(await deleted("0199E001")).toMatchObject({ status: 0, gone: [hooks[2]?.id] });
  expect(await deleted(hooks[1]?.id ?? "")).toMatchObject({ status: 0, gone: [hooks[1]?.id] });
});

test("a beginning that two have is refused, with both of them", async () => {
  const { status, stderr, gone } = await deleted("0199e000-0000");
  expect([status, gone]).toEqual([1, []]);
  expect(stderr).toContain(`${hooks[0]?.id}  https://a.example.com/\n  ${hooks[1]?.id}  https://b.example.com/\n`);
  expect(stderr).not.toContain("c.example.com");
});

test.for(["0199e00", "0199e002", "a.example.com"])("%s names none, and nothing is deleted", async (reference) => {
  expect(await deleted(reference)).toMatchObject({ status: 4, gone: [] });
});
