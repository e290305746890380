import { expect, test } from "vitest";
import { testSimulator, type TestSimulator } from "#test/test-simulator.ts";

const ask = async (call: TestSimulator["call"], times: number, path = "/v2/account"): Promise<void> => {
  for (let index = 0; index < times; index++) expect((await call("GET", path)).status).toBe(200);
};

test("250 in a minute, then a 429 with retry-after, until the oldest is a minute old", async () => {
  const { call, clock } = await testSimulator();
  await ask(call, 1);
  clock.advance(20_000);
  await ask(call, 249);
  const refused = await call("GET", "/v2/account");
  expect([refused.status, refused.body.id]).toEqual([429, "too_many_requests"]);
  expect(refused.headers.get("retry-after")).toBe("40");
  expect(refused.headers.get("ratelimit-remaining")).toBe("0");
  clock.advance(40_000);
  await ask(call, 1);
  expect((await call("GET", "/v2/account")).status).toBe(429);
});

test("5,000 in an hour, then a 429 without retry-after; each request expires by itself", async () => {
  const { call, clock } = await testSimulator();
  const firstAt = clock.now().getTime();
  for (let minute = 0; minute < 20; minute++) {
    await ask(call, 250);
    clock.advance(60_000);
  }
  const refused = await call("GET", "/v2/account");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, null]);
  expect(Number(refused.headers.get("ratelimit-reset"))).toBe((firstAt + 3_600_000) / 1000);
  clock.advance(40 * 60_000);
  const again = await call("GET", "/v2/account");
  expect([again.status, again.headers.get("ratelimit-remaining")]).toEqual([200, "249"]);
});

test("ssh keys have a limit of their own: 10 in a minute", async () => {
  const { call } = await testSimulator();
  await ask(call, 10, "/v2/account/keys");
  expect((await call("GET", "/v2/account/keys")).status).toBe(429);
  await ask(call, 1);
});

test("each token has its own budget, and every answer tells it", async () => {
  const { call } = await testSimulator();
  await ask(call, 3);
  const { headers } = await call("GET", "/v2/account", undefined, { authorization: "Bearer another" });
  expect([headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")]).toEqual(["5000", "4999"]);
  const refused = await call("GET", "/v2/nothing");
  expect([refused.status, refused.headers.get("ratelimit-remaining")]).toEqual([404, "4996"]);
});

test("with rate limits off nothing is refused, but requests are counted", async () => {
  const { call, clock, state } = await testSimulator({ rateLimits: "off" });
  await ask(call, 300);
  clock.advance(60_000);
  await ask(call, 10, "/v2/sizes");
  await call("GET", "/v2/unknown");
  expect(state().requests).toEqual({
    total: 311,
    by_route: { "GET /v2/account": 300, "GET /v2/sizes": 10, "GET (no such route)": 1 },
    peak_per_minute: 300,
  });
});
