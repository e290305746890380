import { describe, expect, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { type ScriptedAnswer, startScriptedProvider } from "#test/scripted-provider.ts";

const call = { priority: "undo" } as const;
const sagaId = "01940000-0000-7000-8000-000000000001";
const busy: ScriptedAnswer = { status: 503, body: { id: "service_unavailable", message: "Busy." } };
const told = (retryAfter: string): ScriptedAnswer => ({
  status: 429,
  headers: { "retry-after": retryAfter, "ratelimit-remaining": "0" },
  body: { id: "too_many_requests", message: "API Rate limit exceeded." },
});
const record = { id: 1, type: "A", name: "a", data: "203.0.113.5", ttl: 60 };

async function connect(answers: readonly ScriptedAnswer[], options: { timeoutMs?: number } = {}) {
  const database = await createTestDatabase();
  const provider = await startScriptedProvider((_, index) => answers[index] ?? { status: 500 });
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db, ...options });
  const close = async () => {
    await provider[Symbol.asyncDispose]();
    await database.close();
  };
  return { client, provider, db: database.db, url: provider.url, [Symbol.asyncDispose]: close };
}

describe("a request that may be repeated is tried three times", () => {
  const account: ScriptedAnswer = { status: 200, body: { account: { uuid: "u", droplet_limit: 3, status: "active" } } };

  test.for<[string, ScriptedAnswer]>([
    ["503", busy],
    ["HTML", { status: 504, body: "<html>" }],
    ["a reset", "reset"],
    ["silence", "hang"],
    ["408", { status: 408, body: { id: "request_timeout", message: "Timed out." } }],
    ["425", { status: 425 }],
    ["499 in HTML", { status: 499, body: "<html>" }],
  ])("GET after %s", async ([, fault]) => {
    await using it = await connect([fault, fault, account], { timeoutMs: 200 });
    expect(await it.client.account.get(call)).toMatchObject({ uuid: "u", droplet_limit: 3, status: "active" });
    expect(it.provider.requests).toHaveLength(3);
  });

  test("and no more", async () => {
    await using it = await connect([busy, busy, busy, account]);
    expect(await failureOf(it.client.account.get(call))).toMatchObject({ reason: "server_error", effect: "none" });
    expect(it.provider.requests).toHaveLength(3);
  });

  test("DELETE and PUT", async () => {
    await using it = await connect([busy, { status: 204 }, "reset", { status: 200, body: { domain_record: record } }]);
    await it.client.tags.delete("old", call);
    await it.client.domains.records.replace("example.com", 1, { type: "A", name: "a", data: "203.0.113.5" }, call);
    const seen = it.provider.requests.map(({ method, path }) => `${method} ${path}`);
    const put = "PUT /v2/domains/example.com/records/1";
    expect(seen).toEqual(["DELETE /v2/tags/old", "DELETE /v2/tags/old", put, put]);
  });

  test("DELETE after a 408", async () => {
    await using it = await connect([{ status: 408 }, { status: 204 }]);
    await it.client.tags.delete("old", call);
    expect(it.provider.requests).toHaveLength(2);
  });

  test("not after a definite refusal", async () => {
    await using it = await connect([{ status: 404, body: { id: "not_found", message: "None." } }]);
    expect(await failureOf(it.client.droplets.delete(7, call))).toMatchObject({ reason: "not_found", effect: "none" });
    expect(it.provider.requests).toHaveLength(1);
  });

  test("and a refusal after a try of unknown outcome leaves the outcome unknown", async () => {
    await using it = await connect(["reset", { status: 404, body: { id: "not_found", message: "None." } }]);
    const error = await failureOf(it.client.tags.delete("old", call));
    expect(error).toMatchObject({ reason: "not_found", effect: "unknown", status: 404 });
    expect(error.cause).toMatchObject({ effect: "none" });
  });

  test("but not the DELETE of a droplet whose outcome is unknown", async () => {
    await using it = await connect([busy, { status: 204 }]);
    const error = await failureOf(it.client.droplets.delete(7, call));
    expect(error).toMatchObject({ reason: "server_error", effect: "unknown" });
    expect(it.provider.requests).toHaveLength(1);
  });
});

describe("Retry-After", () => {
  test("is waited for when it is near, by every client of the database", async () => {
    await using it = await connect([told("1"), { status: 204 }, { status: 204 }]);
    const other = connectDigitalOcean({ baseUrl: it.url, db: it.db });
    const start = performance.now();
    const first = it.client.droplets.delete(7, call);
    await expect
      .poll(() => it.db.selectFrom("request_budget").select("blocked_until").executeTakeFirst())
      .toEqual({
        blocked_until: expect.any(Date),
      });
    await Promise.all([first, other.droplets.delete(8, call)]);
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(it.provider.requests).toHaveLength(3);
  });

  test("is the caller's to wait for when it is far", async () => {
    await using it = await connect([told("29"), { status: 204 }]);
    const other = connectDigitalOcean({ baseUrl: it.url, db: it.db });
    const before = Date.now();
    const error = await failureOf(it.client.droplets.delete(7, call));
    expect(error).toMatchObject({ reason: "rate_limited", effect: "none", status: 429 });
    expect(error.retryAt?.getTime()).toBeGreaterThanOrEqual(before + 29_000);
    const stopped = await failureOf(other.account.get(call));
    expect(stopped).toMatchObject({ reason: "rate_limited", effect: "none", retryAt: error.retryAt });
    expect(stopped.status).toBeUndefined();
    expect(it.provider.requests).toHaveLength(1);
  });

  test("never makes a POST go out again", async () => {
    await using it = await connect([told("0"), { status: 201, body: { domain_record: record } }]);
    const create = it.client.domains.records.create("example.com", { type: "A", name: "a", data: "203.0.113.5" }, call);
    expect(await failureOf(create)).toMatchObject({ reason: "rate_limited", effect: "none" });
    expect(it.provider.requests).toHaveLength(1);
  });

  test("may be missing: then everybody pauses for 10 s", async () => {
    await using it = await connect([{ status: 429, headers: { "ratelimit-reset": "1402425459" } }]);
    const error = await failureOf(it.client.account.get(call));
    expect(error.retryAt?.getTime()).toBeGreaterThan(Date.now() + 8_000);
  });
});

describe("a 503 with a Retry-After", () => {
  const away = (retryAfter: string): ScriptedAnswer => ({ ...busy, headers: { "retry-after": retryAfter } });

  test("is asked again then when it is near", async () => {
    await using it = await connect([away("1"), { status: 204 }]);
    const start = performance.now();
    await it.client.tags.delete("old", call);
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(it.provider.requests).toHaveLength(2);
  });

  test("is the caller's to wait for when it is far, and blocks nobody else", async () => {
    await using it = await connect([away("29"), { status: 204 }]);
    const before = Date.now();
    const error = await failureOf(it.client.account.get(call));
    expect(error).toMatchObject({ reason: "server_error", status: 503 });
    expect(error.retryAt?.getTime()).toBeGreaterThanOrEqual(before + 29_000);
    await it.client.tags.delete("old", call);
    expect(it.provider.requests).toHaveLength(2);
  });
});

test("every request is a row: what was asked, for which saga, how it went", async () => {
  await using it = await connect([
    { status: 500, headers: { "x-request-id": "r-1" }, body: { id: "server_error", message: "Oh." } },
    { status: 204, headers: { "x-request-id": "r-2", "ratelimit-remaining": "4985" } },
  ]);
  await it.client.tags.delete("arcadia-saga-1", { ...call, sagaId });
  const rows = await it.db.selectFrom("provider_requests").selectAll().orderBy("at").execute();
  const common = { saga_id: sagaId, method: "DELETE", route: "/v2/tags/{name}", duration_ms: expect.any(Number) };
  expect(rows).toMatchObject([
    { ...common, status: 500, provider_request_id: "r-1", error: expect.stringContaining("Oh.") },
    { ...common, status: 204, provider_request_id: "r-2", error: null },
  ]);
  const budget = await it.db.selectFrom("request_budget").selectAll().executeTakeFirstOrThrow();
  expect(budget).toMatchObject({ remaining: 4985, remaining_at: rows[1]?.at });
  expect(it.client.logged()).toContain('"route":"DELETE /v2/tags/{name}","status":204');
  expect(it.client.logged()).toContain(`"request_id":"r-2","saga_id":"${sagaId}"`);
});

test("an answer that cannot be recorded is still the answer", async () => {
  await using it = await connect([{ status: 204 }]);
  const broken = connectDigitalOcean({
    baseUrl: it.url,
    db: it.db,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      await it.db.schema.alterTable("provider_requests").renameTo("elsewhere").execute();
      return response;
    },
  });
  await broken.droplets.delete(1, call);
  expect(broken.logged()).toContain("how it went could not be recorded");
});

test("fetch itself repeats a 421, and nothing else that we know of", async () => {
  const misdirected: ScriptedAnswer = { status: 421, body: { id: "misdirected_request", message: "Not here." } };
  await using it = await connect([misdirected, misdirected, misdirected]);
  const create = it.client.domains.records.create("example.com", { type: "A", name: "a", data: "203.0.113.5" }, call);
  expect(await failureOf(create)).toMatchObject({ reason: "invalid", effect: "none", status: 421 });
  expect(it.provider.requests).toHaveLength(2);
});
