import { expect, test } from "vitest";
import { startApi } from "#test/api.ts";

test("targets inside are refused when they are asked for, unless the configuration allows them", async () => {
  await using api = await startApi();
  for (const url of ["http://127.0.0.1:1/", "https://localhost/", "https://169.254.169.254/", "https://[fd00::1]/"]) {
    const answer = await api.call("POST", "/v1/webhooks", { url });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: "url" }] } });
  }
  const made = await api.call("POST", "/v1/webhooks", { url: "https://192.0.0.9.nip.invalid/" });
  expect(made.status).toBe(201);
  const moved = await api.call("PATCH", `/v1/webhooks/${made.body.id}`, { url: "https://10.0.0.1/" });
  expect(moved.status).toBe(422);
  expect(await api.db.selectFrom("webhooks").select("url").execute()).toEqual([{ url: made.body.url }]);
});

test("a URL that would be stored as another one is refused", async () => {
  await using api = await startApi();
  for (const url of [
    "https://a.example/\ud800",
    "https://a.example/\0",
    "https://a.exa\nmple/",
    "\thttps://a.example/",
  ])
    expect(await api.call("POST", "/v1/webhooks", { url })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "url" }] },
    });
});

test("another tenant's webhook is not there", async () => {
  await using api = await startApi({ webhookTargets: { allowPrivate: true } });
  const [mine, other] = [await api.newTenant("mine"), await api.newTenant("other")];
  const { secret: token } = await api.newToken("admin", mine.id);
  const url = "http://127.0.0.1:9/";
  const { body: foreign } = await api.call("POST", "/v1/webhooks", { url, tenant_id: other.id });
  expect((await api.call("GET", "/v1/webhooks", undefined, { token })).body.items).toEqual([]);
  const path = `/v1/webhooks/${foreign.id}`;
  for (const [method, at] of [
    ["GET", path],
    ["PATCH", path],
    ["DELETE", path],
    ["GET", `${path}/deliveries`],
    ["POST", `${path}/deliveries/${foreign.id}/redeliver`],
  ] as const) {
    const answer = await api.call(method, at, method === "PATCH" ? { enabled: false } : undefined, { token });
    expect([method, at, answer.status]).toEqual([method, at, 404]);
  }
  const smuggled = await api.call("POST", "/v1/webhooks", { url, tenant_id: other.id }, { token });
  expect(smuggled).toMatchObject({ status: 422, body: { errors: [{ path: "tenant_id" }] } });
});

test("no name is looked up for whoever may have no webhook there", async () => {
  const lookedUp: string[] = [];
  const resolve = async (host: string) => {
    lookedUp.push(host);
    return [{ address: "8.8.8.8", family: 4 }];
  };
  await using api = await startApi({ webhookTargets: { allowPrivate: false, resolve } });
  const [mine, other] = [await api.newTenant("mine"), await api.newTenant("other")];
  const { secret: token } = await api.newToken("admin", mine.id);
  const asked = { url: "https://theirs.example/", tenant_id: other.id };
  const { body: foreign } = await api.call("POST", "/v1/webhooks", asked);
  expect(lookedUp.splice(0)).toEqual(["theirs.example"]);
  for (const id of [foreign.id, crypto.randomUUID()]) {
    const answer = await api.call("PATCH", `/v1/webhooks/${id}`, { url: "https://silent.example/" }, { token });
    expect(answer.status).toBe(404);
  }
  expect(lookedUp).toEqual([]);
});

test("a tenant has so many webhooks and no more, though it asks for them at once", async () => {
  await using api = await startApi();
  const [tenant, other] = [await api.newTenant("acme"), await api.newTenant("other")];
  const { secret: token } = await api.newToken("admin", tenant.id);
  const create = () => api.call("POST", "/v1/webhooks", { url: "https://8.8.8.8/" }, { token });
  const statuses = (await Promise.all(Array.from({ length: 25 }, create))).map((it) => it.status);
  expect(statuses.filter((it) => it === 201)).toHaveLength(20);
  const { status, body } = await create();
  expect([status, body.code]).toEqual([409, "too_many_webhooks"]);
  expect(body.detail).toContain("There are 20 webhooks");
  const asked = { url: "https://8.8.8.8/", tenant_id: other.id };
  expect((await api.call("POST", "/v1/webhooks", asked)).status).toBe(201);
  const [first] = (await api.call("GET", "/v1/webhooks", undefined, { token })).body.items;
  await api.call("DELETE", `/v1/webhooks/${first.id}`, undefined, { token });
  expect((await create()).status).toBe(201);
});
