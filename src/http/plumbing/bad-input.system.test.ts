import { expect, test } from "vitest";
import { deploymentOf, startApi } from "#test/api.ts";

const catalogue = [
  { kind: "region" as const, slug: "syd1", data: { slug: "syd1", available: true } },
  { kind: "region" as const, slug: "nyc2", data: { slug: "nyc2", available: false } },
  {
    kind: "size" as const,
    slug: "s-1vcpu-512mb-10gb",
    data: { slug: "s-1vcpu-512mb-10gb", available: true, regions: ["syd1"], disk: 10 },
  },
  { kind: "image" as const, slug: "ubuntu-24-04-x64", data: { id: 11, regions: ["syd1"], min_disk_size: 7 } },
  { kind: "image" as const, slug: "big", data: { id: 12, regions: ["nyc2"], min_disk_size: 30 } },
];
const asRows = catalogue.map((entry) => ({ ...entry, data: JSON.stringify(entry.data) }));

async function startWithCatalogue() {
  const api = await startApi();
  await api.db.insertInto("catalogue").values(asRows).execute();
  return api;
}

test("every fault is told at once, with its path, and nothing is written", async () => {
  await using api = await startWithCatalogue();
  const tenant = await api.newTenant("acme", ["*.acme.example.com"]);
  const before = await api.db.selectFrom("audit_log").selectAll().execute();
  const asked = deploymentOf(tenant.id, {
    name: "-bad-",
    hostname: "app.example.org",
    region: "mars1",
    size_slug: "s-99",
    image: 4711,
    ssh_keys: [1, "nonsense"],
    provision: "yes",
    colour: "red",
  });

  const { status, headers, body } = await api.call("POST", "/v1/deployments", asked);

  expect(status).toBe(422);
  expect(headers["content-type"]).toContain("application/problem+json");
  expect(body).toMatchObject({ status: 422, code: "validation_failed", title: "The request is not valid" });
  const paths = body.errors.map((fault: { path: string }) => fault.path).toSorted();
  expect(paths).toEqual(
    ["colour", "hostname", "image", "name", "provision", "region", "size_slug", "ssh_keys.1"].toSorted(),
  );
  expect(await api.db.selectFrom("deployments").selectAll().execute()).toEqual([]);
  expect(await api.db.selectFrom("sagas").selectAll().execute()).toEqual([]);
  expect(await api.db.selectFrom("audit_log").selectAll().execute()).toEqual(before);
});

test.each([
  [{ hostname: "app.example.org" }, "hostname", "outside the zone"],
  [{ hostname: "app.other.example.com" }, "hostname", "none of the tenant's hostnames"],
  [{ hostname: "evilexample.com" }, "hostname", "outside the zone"],
  [{ hostname: "a..acme.example.com" }, "hostname", "DNS name"],
  [{ hostname: "*.acme.example.com" }, "hostname", "DNS name"],
  [{ region: "nyc2" }, "region", "takes no new droplets"],
  [{ size_slug: "S 1" }, "size_slug", "slug"],
  [{ image: "big" }, "image", "not available in syd1"],
  [{ image: "big" }, "size_slug", "needs a disk of 30 GB"],
  [{ image: 1.5 }, "image", "integer id"],
  [{ tenant_id: "01890a5d-ac96-774b-bcce-b302099a8057" }, "tenant_id", "there is no tenant"],
  [{ user_data: "x".repeat(64 * 1024 + 1) }, "user_data", "64 KiB"],
  [{ user_data: "a\0b" }, "user_data", "null bytes"],
  [{ user_data: "#!/bin/sh\necho \ud800\n" }, "user_data", "well-formed"],
  [{ user_data: "\udc00\ud800" }, "user_data", "well-formed"],
  [{ name: "a".repeat(201) }, "name", "200"],
  [{ ssh_keys: Array.from({ length: 51 }, (_, index) => index + 1) }, "ssh_keys", "50"],
])("%j is refused at %s: %s", async (change, path, reason) => {
  await using api = await startWithCatalogue();
  const tenant = await api.newTenant("acme", ["*.acme.example.com"]);
  const good = { hostname: "app.acme.example.com" };
  const { status, body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { ...good, ...change }));
  expect(status).toBe(422);
  const said = body.errors.filter((fault: { path: string }) => fault.path === path);
  expect(said.map((fault: { message: string }) => fault.message).join()).toContain(reason);
  expect((await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, good))).status).toBe(201);
});

test("an image is taken by slug or id, and a pattern covers one or more labels", async () => {
  await using api = await startWithCatalogue();
  const tenant = await api.newTenant("acme", ["*.acme.example.com", "acme.example.com"]);
  for (const [hostname, image] of [
    ["a.acme.example.com", 11],
    ["a.b.acme.example.com", "11"],
    ["acme.example.com", "ubuntu-24-04-x64"],
  ]) {
    const { status } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { hostname, image }));
    expect([hostname, status]).toEqual([hostname, 201]);
  }
});

test("replace_dns needs an admin, and one of the whole", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme", ["app.example.com"]);
  const asked = deploymentOf(tenant.id, { replace_dns: true });
  for (const { secret: token } of [await api.newToken("operator"), await api.newToken("admin", tenant.id)])
    expect((await api.call("POST", "/v1/deployments", asked, { token })).body.code).toBe("forbidden");
  expect((await api.call("POST", "/v1/deployments", asked)).status).toBe(201);
});

test.each([
  ["not JSON", { payload: "{", type: "application/json" }, 400, "malformed_request"],
  ["not UTF-8", { payload: Buffer.from([0x7b, 0xff, 0x7d]), type: "application/json" }, 400, "malformed_request"],
  [
    "another content type",
    { payload: "a=b", type: "application/x-www-form-urlencoded" },
    415,
    "unsupported_media_type",
  ],
  ["huge", { payload: `"${"x".repeat(600_000)}"`, type: "application/json" }, 413, "body_too_large"],
  [
    "deep",
    { payload: `${"[".repeat(200_000)}${"]".repeat(200_000)}`, type: "application/json" },
    422,
    "validation_failed",
  ],
  [
    "deep in a field",
    { payload: `{"slug":${"[".repeat(9_000)}${"]".repeat(9_000)}}`, type: "application/json" },
    422,
    "validation_failed",
  ],
  [
    "not UTF-8 in a field",
    { payload: Buffer.from('{"user_data":"caf\xe9"}', "latin1"), type: "application/json" },
    400,
    "malformed_request",
  ],
  ["an array", { payload: "[]", type: "application/json" }, 422, "validation_failed"],
  ["null", { payload: "null", type: "application/json" }, 422, "validation_failed"],
  ["nothing", { payload: "", type: "application/json" }, 422, "validation_failed"],
  ["__proto__", { payload: '{"__proto__":{"role":"admin"}}', type: "application/json" }, 422, "validation_failed"],
] as const)("a body that is %s", async (_, { payload, type }, status, code) => {
  await using api = await startApi();
  for (const url of ["/v1/tenants", "/v1/deployments"]) {
    const headers = { authorization: `Bearer ${api.admin.secret}`, "content-type": type };
    const answer = await api.app.inject({ method: "POST", url, payload, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
  }
});

const over = (unit: string) =>
  Array(Math.floor(500_000 / (unit.length + 1)))
    .fill(unit)
    .join(",");

test.each([
  ["/v1/deployments", `{"ssh_keys":[${over("{}")}]}`],
  ["/v1/deployments", `{${Array.from({ length: 40_000 }, (_, index) => `"k${index}":0`).join(",")}}`],
  ["/v1/webhooks", `{"url":"https://a.example","events":[${over('""')}]}`],
  ["/v1/tenants", `{"hostnames":[${over("0")}]}`],
  ["/v1/tenants", `[${over("[1]")}]`],
])("to %s, a body of more values than anybody asks for is refused before it is validated", async (url, payload) => {
  await using api = await startApi();
  const headers = { authorization: `Bearer ${api.admin.secret}`, "content-type": "application/json" };
  const answer = await api.app.inject({ method: "POST", url, payload, headers });
  expect([answer.statusCode, answer.json().errors]).toEqual([
    422,
    [{ path: "", message: "must not hold more than 2000 values" }],
  ]);
  const commas = JSON.stringify({ slug: "acme", name: '\\",'.repeat(60) });
  expect((await api.app.inject({ method: "POST", url: "/v1/tenants", payload: commas, headers })).statusCode).toBe(201);
});

test.each([
  ["/v1/tenants?colour=red", 422, "colour"],
  ["/v1/tenants?limit=0", 422, "limit"],
  ["/v1/tenants?limit=99999999999999999999", 422, "limit"],
  ["/v1/tenants?limit=1&limit=2", 422, "limit"],
  ["/v1/tenants?cursor=nonsense", 422, "cursor"],
  ["/v1/tenants?q=%00", 422, "q"],
  ["/v1/deployments?status=nonsense", 422, "status.0"],
  ["/v1/sagas/01890a5d-ac96-774b-bcce-b302099a8057/events?after=-1", 422, "after"],
  ["/v1/costs?from=9999-01-01T00:00:00Z&to=9999-12-31T23:59:59-23:59", 422, "to"],
  ["/v1/costs?from=0001-01-01T00:00:00%2B00:01", 422, "from"],
  ["/v1/audit?since=0000-01-01T00:00:00Z", 422, "since"],
  ["/v1/audit?until=9999-12-31T23:59:59-23:59", 422, "until"],
  ["/v1/sagas/nonsense", 404, undefined],
  ["/v1/tenants/%00", 404, undefined],
  ["/v1/nothing", 404, undefined],
  ["/v1/tenants/%zz", 400, undefined],
  ["/%e0%a4%a?q=a", 400, undefined],
  [`/v1/tenants/${"a".repeat(120)}`, 404, undefined],
])("GET %s is a %i", async (url, status, path) => {
  await using api = await startApi();
  const answer = await api.call("GET", url);
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toContain("application/problem+json");
  if (path) expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toContain(path);
});

test("a droplet id that no integer holds is a 404, a wrong method a 405 that says what goes", async () => {
  await using api = await startApi();
  for (const id of ["0", "-1", "1.5", "99999999999999999999999999", "abc"])
    expect((await api.call("DELETE", `/v1/droplets/${id}`)).status).toBe(404);
  const { status, headers } = await api.call("DELETE", "/v1/tenants");
  expect([status, headers.allow]).toEqual([405, "GET, POST"]);
});

test("on loopback only loopback names are answered", async () => {
  await using api = await startApi();
  for (const [host, status] of [
    ["localhost:4000", 200],
    ["127.0.0.1", 200],
    ["[::1]:4000", 200],
    ["rebound.example.com", 421],
    ["localhost.example.com:4000", 421],
  ] as const)
    expect([host, (await api.call("GET", "/healthz", undefined, { headers: { host } })).status]).toEqual([
      host,
      status,
    ]);
});

test("a route that tells all faults of its body still refuses its query and its headers", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const asked = deploymentOf(tenant.id);
  const query = await api.call("POST", "/v1/deployments?provision=true", asked);
  expect([query.status, query.body.errors[0].path]).toEqual([422, "provision"]);
  const header = await api.call("POST", "/v1/deployments", asked, { headers: { "idempotency-key": "a b" } });
  expect([header.status, header.body.errors[0].path]).toEqual([422, "idempotency-key"]);
  expect((await api.call("GET", "/v1/deployments")).body.items).toEqual([]);
});

test.each([
  ["/v1/deployments?status=bogus", "status.0", /^must be one of pending, .*suspended/],
  ["/v1/deployments?tenant_id=acme", "tenant_id", /^must be an id: a UUID$/],
  ["/v1/deployments?limit=0", "limit", /^must be at least 1$/],
  ["/v1/deployments?limit=many", "limit", /^must be a number$/],
  ["/v1/deployments?name=", "name", /^must not be empty$/],
  ["/v1/audit?since=2026-11-28", "since", /^must be a time in UTC, such as 2026-11-28T12:00:00Z$/],
])("what is wrong with %s at %s is told in words of ours", async (path, at, message) => {
  await using api = await startApi();
  const { status, body } = await api.call("GET", path);
  expect([status, body.errors]).toEqual([422, [{ path: at, message: expect.stringMatching(message) }]]);
});
