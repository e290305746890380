import { expect, test } from "vitest";
import { deploymentOf, startApi } from "#test/api.ts";

const key = (value: string) => ({ headers: { "idempotency-key": value } });

test("the same key and body give the first answer again, another body is refused", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const asked = deploymentOf(tenant.id, { provision: true, user_data: "#!/bin/sh\necho planted-secret" });

  const first = await api.call("POST", "/v1/deployments", asked, key("k1"));
  const again = await api.call("POST", "/v1/deployments", asked, key("k1"));
  expect(again.status).toBe(202);
  expect(again.body).toEqual(first.body);
  expect(again.headers.location).toBe(first.headers.location);
  expect([first.headers["idempotency-replayed"], again.headers["idempotency-replayed"]]).toEqual([undefined, "true"]);
  expect((await api.call("GET", "/v1/sagas")).body.items).toHaveLength(1);

  const other = await api.call("POST", "/v1/deployments", { ...asked, name: "other" }, key("k1"));
  expect([other.status, other.body.code]).toEqual([422, "idempotency_key_reused"]);
  const stored = await api.db.selectFrom("idempotency_keys").selectAll().execute();
  expect(JSON.stringify(stored)).not.toContain("planted-secret");
});

test("ten requests with one key at the same time: one deployment, and nobody is told a lie", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const asked = deploymentOf(tenant.id, { provision: true });

  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.call("POST", "/v1/deployments", asked, key("race"))),
  );

  const done = answers.filter((answer) => answer.status === 202);
  const refused = answers.filter((answer) => answer.status !== 202);
  expect(new Set(done.map((answer) => answer.body.id)).size).toBe(1);
  expect(refused.every((answer) => answer.body.code === "idempotency_in_flight")).toBe(true);
  expect((await api.call("GET", "/v1/deployments")).body.items).toHaveLength(1);
});

test("a key that is being worked on is a 409, and free again when that work dies", async () => {
  await using api = await startApi();
  const held = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  await using slow = await startApi({
    db: api.db,
    requestSync: async () => {
      entered.resolve();
      await held.promise;
      throw new Error("the process dies here");
    },
  });
  const { secret: token } = await api.newToken("admin");
  const sync = () => slow.call("POST", "/v1/inventory/sync", {}, { token, ...key("k") });
  const first = sync();
  await entered.promise;
  expect((await sync()).body.code).toBe("idempotency_in_flight");
  held.resolve();
  expect((await first).status).toBe(500);

  const after = await api.call("POST", "/v1/inventory/sync", {}, { token, ...key("k") });
  expect([after.status, after.headers["idempotency-replayed"]]).toEqual([202, undefined]);
});

test("a refusal is not kept: the corrected request may use the same key", async () => {
  await using api = await startApi();
  const wrong = await api.call("POST", "/v1/tenants", { slug: "A B", name: "acme" }, key("k"));
  const right = await api.call("POST", "/v1/tenants", { slug: "a-b", name: "acme" }, key("k"));
  expect([wrong.status, right.status]).toEqual([422, 201]);
});

test("keys are scoped to token and path, and forgotten after 24 hours", async () => {
  await using api = await startApi();
  const { secret: token } = await api.newToken("admin");
  const body = { slug: "one", name: "one" };
  await api.call("POST", "/v1/tenants", body, key("k"));
  const sync = await api.call("POST", "/v1/inventory/sync", undefined, key("k"));
  expect(sync.status).toBe(202);
  const another = await api.call("POST", "/v1/tenants", { slug: "two", name: "two" }, { token, ...key("k") });
  expect(another.status).toBe(201);

  await api.db
    .updateTable("idempotency_keys")
    .set({ created_at: new Date(Date.now() - 24 * 3_600_000) })
    .execute();
  const later = await api.call("POST", "/v1/tenants", { slug: "three", name: "three" }, key("k"));
  expect(later.status).toBe(201);
  expect(await api.db.selectFrom("idempotency_keys").selectAll().execute()).toHaveLength(1);
});

test("a created token is never stored: the second request makes no second token and says so", async () => {
  await using api = await startApi();
  const asked = { name: "ci", role: "viewer" };
  const first = await api.call("POST", "/v1/tokens", asked, key("k"));
  expect(first.status).toBe(201);
  const again = await api.call("POST", "/v1/tokens", asked, key("k"));
  expect([again.status, again.body.code]).toEqual([409, "idempotency_answer_not_kept"]);
  const tables = [
    await api.db.selectFrom("idempotency_keys").selectAll().execute(),
    await api.db.selectFrom("api_tokens").selectAll().execute(),
    await api.db.selectFrom("audit_log").selectAll().execute(),
  ];
  expect(JSON.stringify(tables)).not.toContain(first.body.token);
  expect(
    (await api.call("GET", "/v1/tokens")).body.items.filter((it: { name: string }) => it.name === "ci"),
  ).toHaveLength(1);
});

test.each(["", "with space", "x".repeat(256), "é"])("the key %j is refused", async (value) => {
  await using api = await startApi();
  const { status, body } = await api.call("POST", "/v1/tenants", { slug: "a", name: "a" }, key(value));
  expect(status).toBe(422);
  expect(body.errors[0].path).toBe("idempotency-key");
});

const deep = (levels: number, open: string, close: string) => `${open.repeat(levels)}1${close.repeat(levels)}`;

test.each([
  ["lists", deep(200_000, "[", "]")],
  ["objects", deep(80_000, '{"a":', "}")],
  ["both", deep(60_000, '[{"a":', "}]")],
  ["a field of it", `{"slug":${deep(9_000, "[", "]")}}`],
  ["an unknown field", `{"slug":"a","name":"a","x":${deep(100_000, "[", "]")}}`],
])("a body of %s without end and a key: refused, whatever the route", async (_, payload) => {
  await using api = await startApi();
  const { id } = await api.newTenant("acme");
  for (const url of [
    "/v1/tenants",
    "/v1/deployments",
    "/v1/droplets",
    "/v1/inventory/sync",
    "/v1/tokens",
    "/v1/webhooks",
    `/v1/deployments/${id}/provision`,
  ]) {
    const headers = { authorization: `Bearer ${api.admin.secret}`, "content-type": "application/json" };
    const answer = await api.app.inject({
      method: "POST",
      url,
      payload,
      headers: { ...headers, "idempotency-key": "k" },
    });
    expect([url, answer.statusCode, answer.json().code]).toEqual([url, 422, "validation_failed"]);
  }
});

test("brackets within texts are no depth", async () => {
  await using api = await startApi();
  const name = `${'"\\[{'.repeat(40)}`;
  const { status, body } = await api.call("POST", "/v1/tenants", { slug: "a", name }, key("k"));
  expect([status, body.name]).toEqual([201, name]);
});
