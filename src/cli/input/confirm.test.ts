import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { openFakeApi, sendJson } from "#test/fake-api.ts";

const at = "2026-11-22T12:00:00.000Z";
const id = "0199e000-0000-7000-8000-00000000000a";
const hostname = "app.example.com";
const leaves = { droplets: [{ provider_id: 7, name: "app-7" }], dns_records: [{ id: 9, name: hostname, type: "A" }] };
const saga = {
  id,
  name: "provision_deployment",
  status: "stuck",
  direction: "back",
  deployment_id: id,
  tenant_id: id,
  provider_id: 7,
  waiting_for: null,
  error: null,
  stuck_error: null,
  leaves,
  cancel_requested_at: null,
  cancel_reason: null,
  resolution: null,
  created_at: at,
  started_at: at,
  finished_at: null,
  steps: [],
};
const deployment = {
  id,
  tenant_id: id,
  name: "app",
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
  status: "active",
  reason: null,
  resource: null,
  saga,
  delete_requested_at: null,
  created_at: at,
  updated_at: at,
  activated_at: at,
  ended_at: null,
};
const removal = {
  droplet: { provider_id: 7, name: "app-7", public_ipv4: "203.0.113.7" },
  dns_records: [{ id: 9, type: "A", name: hostname, data: "203.0.113.7", zone: "example.com", ttl: 300 }],
  volume: null,
  tags: [`arcadia-saga-${id}`],
  uncertain: false,
  reason: null,
};
const droplet = {
  id,
  provider_id: 7,
  name: "db-7",
  status: "active",
  region: "syd1",
  size_slug: "s-1vcpu-1gb",
  image: null,
  public_ipv4: "203.0.113.7",
  tags: [],
  managed: false,
  deployment_id: null,
  tenant_id: null,
  first_seen_at: at,
  last_seen_at: at,
  deleted_at: null,
};
const tenant = {
  id,
  slug: "acme",
  name: "Acme Ltd",
  hostnames: [],
  labels: {},
  quota: null,
  created_at: at,
  updated_at: at,
};
const token = {
  id,
  name: "ci",
  role: "operator",
  tenant_id: null,
  created_at: at,
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};
const webhook = {
  id,
  url: "https://hooks.example.com/arcadia",
  events: ["*"],
  tenant_id: null,
  description: null,
  enabled: true,
  disabled_at: null,
  disabled_reason: null,
  failing_since: null,
  created_at: at,
  updated_at: at,
};

const answer = (body: unknown) => (_: unknown, response: ServerResponse) =>
  body === undefined ? void response.writeHead(204).end() : sendJson(response, 200, body);
const page = (item: unknown) => ({ items: [item], next_cursor: null });

/** What is run, what it sends, what is typed for it, and what is shown before. */
const commands: readonly (readonly [args: string, sends: string, word: string, shown: readonly string[]])[] = [
  [
    `deployments destroy ${hostname}`,
    `DELETE /v1/deployments/${id}`,
    hostname,
    ["Droplet app-7, id 7", "203.0.113.7, id 9", `arcadia-saga-${id}`, "it ends as terminated"],
  ],
  [`deployments cancel ${hostname}`, `POST /v1/deployments/${id}/cancel`, hostname, ["droplet 7 (app-7)"]],
  ["droplets destroy 7", "DELETE /v1/droplets/7", "db-7", ["id 7", "with all of its data", "was not made here"]],
  ["tenants delete acme", `DELETE /v1/tenants/${id}`, "acme", ["Acme Ltd"]],
  [`tokens revoke ${id}`, `DELETE /v1/tokens/${id}`, "ci", ["operator token ci"]],
  [`webhooks delete ${id}`, `DELETE /v1/webhooks/${id}`, "hooks.example.com", ["https://hooks.example.com/arcadia"]],
  [`sagas cancel ${id}`, `POST /v1/sagas/${id}/cancel`, hostname, ["droplet 7 (app-7)", "DNS record 9"]],
  [`sagas resolve ${id} --reason done`, `POST /v1/sagas/${id}/resolve`, hostname, ["nothing looks again", "app-7"]],
];

async function run(args: string, keys?: string, goes: object = removal) {
  const api = await openFakeApi({
    "GET /v1/deployments": answer(page(deployment)),
    [`GET /v1/deployments/${id}`]: answer(deployment),
    [`GET /v1/deployments/${id}/removal`]: answer(goes),
    [`DELETE /v1/deployments/${id}`]: answer(deployment),
    [`POST /v1/deployments/${id}/cancel`]: answer(deployment),
    "GET /v1/resources": answer(page(droplet)),
    "DELETE /v1/droplets/7": answer({ saga }),
    "GET /v1/tenants": answer(page(tenant)),
    [`GET /v1/tenants/${id}`]: answer(tenant),
    [`DELETE /v1/tenants/${id}`]: answer(undefined),
    "GET /v1/tokens": answer(page(token)),
    [`DELETE /v1/tokens/${id}`]: answer(undefined),
    [`GET /v1/webhooks/${id}`]: answer(webhook),
    [`DELETE /v1/webhooks/${id}`]: answer(undefined),
    [`GET /v1/sagas/${id}`]: answer(saga),
    [`POST /v1/sagas/${id}/cancel`]: answer(saga),
    [`POST /v1/sagas/${id}/resolve`]: answer(saga),
  });
  const status = await api.run(args.split(" "), undefined, keys);
  return { status, calls: api.calls.map(({ route }) => route), ...(await api.close()) };
}

const changes = (calls: readonly string[]) => calls.filter((route) => !route.startsWith("GET "));

test.each(commands)("%s wants --yes where there is no terminal, and asks the server nothing", async (args) => {
  const ran = await run(args);
  expect(ran).toMatchObject({ status: 2, calls: [], stdout: "" });
  expect(ran.stderr).toMatch(/^arcadia: .* cannot be undone, and .*add --yes.*Nothing was sent\n$/);
});

test.each(commands)("%s --yes is done without a question", async (args, sends) => {
  const ran = await run(`${args} --yes`);
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(changes(ran.calls)).toEqual([sends]);
});

test.each(commands)("%s shows what goes and is done once its name is typed", async (args, sends, word, shown) => {
  const ran = await run(args, `${word}\r`);
  expect(ran.status).toBe(0);
  expect(changes(ran.calls)).toEqual([sends]);
  for (const part of shown) expect(ran.stderr).toContain(part);
});

test.each(commands)("%s sends nothing after another word, an end of the input, or Ctrl-C", async (args, _, word) => {
  for (const [keys, status] of [
    [`${word}x\r`, 1],
    [`${word.toUpperCase()}\r`, 1],
    ["y\r", 1],
    ["\r", 1],
    ["\u0004", 1],
    ["\u0003", 130],
    [`${word}\u0003`, 130],
  ] as const) {
    const ran = await run(args, keys);
    expect([keys, ran.status, changes(ran.calls)]).toEqual([keys, status, []]);
    expect(ran.stderr).toContain("nothing was sent");
  }
});

test("restore --force wants --yes too", async () => {
  expect(await run("restore arcadia.backup --force")).toMatchObject({ status: 2, calls: [] });
});

const volume = { provider_id: "506f78a4", name: "app-data", size_gib: 50, snapshot_usd_at_most: 3 };

test("a volume goes with its deployment only when that is said too", async () => {
  const refused = await run(`deployments destroy ${hostname}`, `${hostname}\r`, { ...removal, volume });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("Volume app-data, id 506f78a4, 50 GiB, with all of its data, would go too");
  expect(refused.stderr).toContain("--delete-volume");
  expect(changes(refused.calls)).toEqual([]);
  const args = `deployments destroy ${hostname} --delete-volume --keep-days 0`;
  const ran = await run(args, `${hostname}\r`, { ...removal, volume });
  expect(ran.status).toBe(0);
  expect(ran.stderr).toContain("no snapshot of it is kept");
  const kept = await run(`deployments destroy ${hostname} --delete-volume`, "no\r", { ...removal, volume });
  expect(kept.stderr).toContain("a last snapshot of it is kept for 7 days, at $3 a month or less");
  expect(changes(ran.calls)).toEqual([`DELETE /v1/deployments/${id}`]);
});
