import { expect, test } from "vitest";
import { openLog } from "#log.ts";
import { deploymentOf, startApi } from "#test/api.ts";
import { createManualClock } from "#test/manual-clock.ts";
import { limits } from "./limits.ts";

const wrong = (index: number) => `arc_${String(index).padStart(43, "x")}`;

test("what nobody may do is counted before a token is looked at: no route, no method, another host, no token", async () => {
  const asks = [
    ["GET", "/v1/nothing", undefined],
    ["PATCH", "/v1/tokens", undefined],
    ["GET", "/v1/tenants", "rebound.example.com"],
    ["GET", "/v1/tenants/%zz", undefined],
    ["GET", "/%", undefined],
    ["GET", `/v1/sagas/${"a".repeat(300)}`, undefined],
    ["GET", `/v1/${"a".repeat(300)}`, undefined],
    ["GET", "/v1/tenants", undefined],
    ["GET", "/v1/sagas/01890a5d-ac96-774b-bcce-b302099a8057/events", undefined],
  ] as const;
  for (const [method, url, host] of asks) {
    await using api = await startApi({ failuresPerMinute: 2, requestsPerMinute: 1000 });
    const ask = () => api.call(method, url, undefined, { token: wrong(1), ...(host && { headers: { host } }) });
    const answers = [await ask(), await ask(), await ask()];
    expect([url, answers[1]?.status === 429, answers[2]?.status]).toEqual([url, false, 429]);
    expect(answers[2]?.body.detail).toContain("More than 2 requests without a valid token in a minute");
    expect(Number(answers[2]?.headers["retry-after"])).toBeGreaterThan(0);
    expect(answers[2]?.headers["x-content-type-options"]).toBe("nosniff");
  }
});

test("whoever guesses keeps nobody out behind the same address, not even with a token that was made just now", async () => {
  await using api = await startApi({ failuresPerMinute: 5, requestsPerMinute: 20 });
  await api.call("GET", "/v1/token");
  const statuses: number[] = [];
  for (let index = 0; index < 40; index += 1)
    statuses.push((await api.call("GET", "/v1/tenants", undefined, { token: wrong(index) })).status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect((await api.call("GET", "/v1/tenants")).status).toBe(200);
  const { secret: unseen } = await api.newToken("viewer");
  expect((await api.call("GET", "/v1/tenants", undefined, { token: unseen })).status).toBe(200);
  expect((await api.call("GET", "/healthz", undefined, { token: null })).status).toBe(429);
});

test("a wrong token, an expired and a revoked one cost no query of their own", async () => {
  await using api = await startApi();
  const expired = await api.newToken("admin", null, new Date(Date.now() - 1));
  const revoked = await api.newToken("admin");
  await api.call("DELETE", `/v1/tokens/${revoked.id}`);
  for (const { secret: token } of [expired, revoked]) await api.call("GET", "/v1/token", undefined, { token });
  const queries: string[] = [];
  const spied = api.db.withPlugin({
    transformQuery: ({ node }) => {
      queries.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await using server = await startApi({ db: spied, failuresPerMinute: 10_000 });
  const tokens = Array.from({ length: 300 }, (_, index) => [wrong(index), expired.secret, revoked.secret][index % 3]);
  const answers = await Promise.all(
    tokens.map((token) => server.call("GET", "/v1/tenants", undefined, { token: token ?? null })),
  );
  expect(new Set(answers.map((it) => it.body.code))).toEqual(
    new Set(["invalid_token", "expired_token", "revoked_token"]),
  );
  expect(queries.length).toBeLessThan(20);
});

test("a token that was revoked by another server is refused at once, a new one of its is taken at once", async () => {
  await using api = await startApi();
  await using other = await startApi({ db: api.db });
  const { id, secret: token } = await api.newToken("viewer");
  const status = async () => (await other.call("GET", "/v1/token", undefined, { token })).status;
  expect(await status()).toBe(200);
  await api.call("DELETE", `/v1/tokens/${id}`);
  expect([await status(), await status()]).toEqual([401, 401]);
  const { secret: next } = await api.newToken("viewer");
  expect((await other.call("GET", "/v1/token", undefined, { token: next })).status).toBe(200);
});

test("a flood of refusals is sampled in the log, and says how much it leaves out", async () => {
  const lines: { status: number; not_logged?: number }[] = [];
  const clock = createManualClock();
  await using api = await startApi({
    clock,
    log: openLog("info", { write: (line) => void lines.push(JSON.parse(line)) }),
    failuresPerMinute: 30,
  });
  const guess = (index: number) => api.call("GET", "/v1/tenants", undefined, { token: wrong(index) });
  for (let index = 0; index < 60; index += 1) await guess(index);
  expect(lines.map((line) => line.not_logged)).toEqual(Array.from({ length: 20 }, () => undefined));
  clock.advance(10_000);
  await guess(60);
  expect(lines.at(-1)).toMatchObject({ status: 429, not_logged: 40 });
  await api.call("GET", "/v1/tenants");
  expect(lines.at(-1)).toMatchObject({ status: 200 });
});

test("what is refused is in the audit log: the first at once, a flood as its number", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme", ["app.example.com"]);
  const viewer = await api.newToken("viewer");
  const bound = await api.newToken("admin", tenant.id);
  const refused = async () => {
    const rows = await api.db.selectFrom("audit_log").selectAll().where("action", "=", "request.refused").execute();
    return rows;
  };
  await api.call("POST", "/v1/tenants", { slug: "a", name: "a" }, { token: viewer.secret });
  expect(await refused()).toMatchObject([
    { token_id: viewer.id, subject: "a viewer", tenant_id: null, address: "127.0.0.1", detail: { code: "forbidden" } },
  ]);
  // One that is refused by what it asks for, not by its route.
  const takeOver = deploymentOf(tenant.id, { replace_dns: true });
  await api.call("POST", "/v1/deployments", takeOver, { token: bound.secret });
  expect((await refused()).at(-1)).toMatchObject({ token_id: bound.id, tenant_id: tenant.id });
  await api.call("GET", "/v1/tenants", undefined, { headers: { host: "rebound.example.com" } });
  expect((await refused()).at(-1)).toMatchObject({ token_id: null, detail: { code: "misdirected_request" } });
  const before = (await refused()).length;
  for (let index = 0; index < 60; index += 1) await api.call("GET", "/v1/tenants", undefined, { token: wrong(index) });
  expect((await refused()).length).toBe(before + 1);
  await api.app.close();
  const last = (await refused()).at(-1);
  expect(last).toMatchObject({ subject: "unknown", detail: { code: "invalid_token", count: 59 } });
});

test("the limits are what they are said to be", () => {
  expect(limits).toEqual({
    bodyBytes: 524_288,
    requestsPerMinute: 60_000,
    failuresPerMinute: 600,
    streamsPerToken: 20,
  });
});
