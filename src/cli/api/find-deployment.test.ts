import { expect, test } from "vitest";
import { openFakeApi, sendJson } from "#test/fake-api.ts";

const at = "2026-11-22T12:00:00.000Z";
const ids = ["0199e000-0000-7000-8000-00000000000a", "0199e000-0000-7000-8000-00000000000b"] as const;

const deployment = (id: string, name: string, hostname: string, status: string) => ({
  id,
  tenant_id: "0199e000-0000-7000-8000-000000000002",
  name,
  hostname,
  region: "syd1",
  size_slug: "s-1vcpu-1gb",
  image: "ubuntu-24-04-x64",
  ssh_keys: [],
  replace_dns: false,
  release: null,
  variable_names: [],
  labels: {},
  protected: false,
  adopted: false,
  volume: null,
  reserved_ip: false,
  reserved_ip_address: null,
  monthly_usd: null,
  health_check: null,
  health: null,
  power: "on",
  operation: null,
  conditions: [],
  status,
  reason: null,
  resource: null,
  saga: null,
  delete_requested_at: null,
  created_at: at,
  updated_at: at,
  activated_at: null,
  ended_at: null,
});

/** Cancels `reference` at an API that holds `items`. @returns what was cancelled, and what was said */
async function cancel(reference: string, items: readonly ReturnType<typeof deployment>[]) {
  const api = await openFakeApi({
    "GET /v1/deployments": ({ url }, response) => {
      const asked = new URL(url ?? "", "http://localhost").searchParams.get("hostname");
      const found = asked === null ? items : items.filter((it) => it.hostname === asked);
      sendJson(response, 200, { items: found, next_cursor: null });
    },
    ...Object.fromEntries(
      items.map((it) => [
        `POST /v1/deployments/${it.id}/cancel`,
        (_: unknown, response: Parameters<typeof sendJson>[0]) => sendJson(response, 202, it),
      ]),
    ),
  });
  const status = await api.run(["deployments", "cancel", reference, "--yes"]);
  const { stderr } = await api.close();
  const cancelled = api.calls.flatMap((it) => /^POST \/v1\/deployments\/(.*)\/cancel$/.exec(it.route)?.[1] ?? []);
  return { status, stderr, cancelled };
}

test("of several with one hostname, the one that is not over is meant", async () => {
  const items = [
    deployment(ids[0], "web", "app.example.com", "cancelled"),
    deployment(ids[1], "web", "app.example.com", "provisioning"),
  ];
  expect(await cancel("App.example.com.", items)).toMatchObject({ status: 0, cancelled: [ids[1]] });
});

test("a name that two live deployments have is refused, with both of them", async () => {
  const items = [
    deployment(ids[0], "web", "a.example.com", "provisioning"),
    deployment(ids[1], "web", "b.example.com", "provisioning"),
    deployment("0199e000-0000-7000-8000-00000000000c", "web-2", "c.example.com", "provisioning"),
  ];
  const { status, stderr, cancelled } = await cancel("web", items);
  expect([status, cancelled]).toEqual([1, []]);
  expect(stderr).toContain(`${ids[0]}  a.example.com`);
  expect(stderr).toContain(`${ids[1]}  b.example.com`);
  expect(stderr).not.toContain("c.example.com");
});

test("a name that nothing has is refused", async () => {
  expect(await cancel("other", [deployment(ids[0], "web", "a.example.com", "provisioning")])).toMatchObject({
    status: 4,
    cancelled: [],
  });
});
