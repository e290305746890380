import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

const create = { method: "POST", path: "^/v2/droplets$" };

test("a status fault answers with DigitalOcean's usual body, once, and nothing has happened", async () => {
  const { call, arm, state } = await testSimulator({ calm: true });
  await arm({ ...create, kind: "status", status: 503 });
  const failed = await call("POST", "/v2/droplets", smallDroplet);
  expect(failed.status).toBe(503);
  expect(failed.body).toMatchObject({ id: "server_error", request_id: failed.headers.get("x-request-id") });
  expect(state().droplets).toEqual([]);
  expect((await call("POST", "/v2/droplets", smallDroplet)).status).toBe(202);
});

test.each([
  ["status", { status: 504 }],
  ["html", {}],
  ["reset", {}],
  ["hang", { delay_ms: 20 }],
])("%s after the commit: the droplet is there, the answer is lost", async (kind, more) => {
  const { call, arm, clock, state } = await testSimulator({ calm: true });
  await arm({ ...create, kind, after_commit: true, ...more });
  const asked = call("POST", "/v2/droplets", smallDroplet).catch((error: unknown) => error);
  await expect.poll(() => state().droplets).toHaveLength(1);
  clock.advance(20);
  const answer = await asked;
  if (kind === "status" || kind === "html") expect(answer).toMatchObject({ status: 504 });
  else expect(answer).toBeInstanceOf(TypeError);
  expect(state().droplets).toHaveLength(1);
});

test.each(["reset", "html"])("%s before the commit: nothing is there", async (kind) => {
  const { call, arm, state } = await testSimulator({ calm: true });
  await arm({ ...create, kind });
  await call("POST", "/v2/droplets", smallDroplet).catch(() => undefined);
  expect(state()).toMatchObject({ droplets: [], requests: { total: 1 } });
});

test("an html fault is a page of Cloudflare's, with the status asked for", async () => {
  const { call, arm } = await testSimulator();
  await arm({ method: "GET", path: "/v2/account", kind: "html", status: 502 });
  const answer = await call("GET", "/v2/account");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([502, "text/html; charset=UTF-8"]);
  expect(answer.body).toMatch(/^<!DOCTYPE html>/);
});

test("a hang keeps the socket open until the client gives up", async () => {
  const { arm, url, call } = await testSimulator();
  await arm({ method: "GET", path: "account", kind: "hang" });
  const signal = AbortSignal.timeout(100);
  const hung = fetch(`${url}/v2/account`, { headers: { authorization: "Bearer t" }, signal });
  await expect(hung).rejects.toThrow("aborted due to timeout");
  expect((await call("GET", "/v2/account")).status).toBe(200);
});

test("both kinds of 429 can be armed, with their headers", async () => {
  const { call, arm } = await testSimulator();
  const fault = { method: "GET", path: "account", kind: "status", status: 429 };
  await arm({ ...fault, headers: { "retry-after": "7", "ratelimit-remaining": "0" } });
  await arm(fault);
  const burst = await call("GET", "/v2/account");
  expect([burst.status, burst.headers.get("retry-after"), burst.headers.get("ratelimit-remaining")]).toEqual([
    429,
    "7",
    "0",
  ]);
  const hour = await call("GET", "/v2/account");
  expect([hour.status, hour.headers.get("retry-after"), hour.body.id]).toEqual([429, null, "too_many_requests"]);
});

test("an armed header replaces the usual one, in any case and also as a number", async () => {
  const { call, arm } = await testSimulator();
  const headers = { "Content-Type": "text/plain", "RateLimit-Remaining": 0, "Retry-After": 7 };
  await arm({ method: "GET", path: "account", kind: "status", status: 429, headers });
  const answer = await call("GET", "/v2/account");
  expect(answer.headers.get("content-type")).toBe("text/plain");
  expect([answer.headers.get("ratelimit-remaining"), answer.headers.get("retry-after")]).toEqual(["0", "7"]);
});

test("a success that is armed without a body has none", async () => {
  const { call, arm } = await testSimulator();
  for (const status of [200, 202, 204, 304]) {
    await arm({ method: "GET", path: "account", kind: "status", status });
    const answer = await call("GET", "/v2/account");
    expect([answer.status, answer.body]).toEqual([status, ""]);
  }
});

test.each([
  ["placement_failure", create, smallDroplet, 202],
  ["ineffective", { method: "DELETE", path: "^/v2/tags/a$" }, undefined, 204],
])("%s can be answered late", async (kind, where, body, status) => {
  const { call, arm, clock } = await testSimulator({ calm: true });
  await call("POST", "/v2/tags", { name: "a" });
  await arm({ ...where, kind, delay_ms: 5000 });
  let answered = false;
  const asked = call(where.method, body ? "/v2/droplets" : "/v2/tags/a", body).finally(() => (answered = true));
  await expect.poll(() => clock.sleeping()).toBe(1);
  expect(answered).toBe(false);
  clock.advance(5000);
  expect((await asked).status).toBe(status);
});

test("placement failure: accepted, never there, its action errored", async () => {
  const { call, arm, clock, state } = await testSimulator({ bootMs: 1000 });
  await arm({ ...create, kind: "placement_failure" });
  const made = await call("POST", "/v2/droplets", smallDroplet);
  expect([made.status, made.body.droplet.status]).toEqual([202, "new"]);
  const path = `/v2/actions/${made.body.links.actions[0].id}`;
  expect((await call("GET", path)).body.action.status).toBe("in-progress");
  clock.advance(60_000);
  expect((await call("GET", path)).body.action.status).toBe("errored");
  expect((await call("GET", `/v2/droplets/${made.body.droplet.id}`)).status).toBe(404);
  expect(state()).toMatchObject({ droplets: [], created_total: 0 });
});

test("an ineffective DELETE answers 204 and does nothing", async () => {
  const { call, arm, state } = await testSimulator({ calm: true, bootMs: 0 });
  const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
  await arm({ method: "DELETE", path: `/v2/droplets/${id}$`, kind: "ineffective" });
  expect((await call("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
  expect(state().droplets).toHaveLength(1);
  expect((await call("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
  expect(state().droplets).toHaveLength(0);
});

test("an ineffective action completes and changes nothing", async () => {
  const { call, arm, clock } = await testSimulator({ calm: true, bootMs: 1000 });
  const { id } = (await call("POST", "/v2/droplets", smallDroplet)).body.droplet;
  clock.advance(1000);
  await arm({ method: "POST", path: `/v2/droplets/${id}/actions$`, kind: "ineffective" });
  const { action } = (await call("POST", `/v2/droplets/${id}/actions`, { type: "shutdown" })).body;
  clock.advance(1000);
  expect((await call("GET", `/v2/actions/${action.id}`)).body.action.status).toBe("completed");
  expect((await call("GET", `/v2/droplets/${id}`)).body.droplet.status).toBe("active");
});

test("times, body and headers are as asked; armed faults are listed and can be disarmed", async () => {
  const { call, arm } = await testSimulator();
  const body = { id: "unprocessable_entity", message: "please try again" };
  await arm({ method: "get", path: "account", kind: "status", status: 422, times: 3, body, headers: { "x-a": "b" } });
  const answer = await call("GET", "/v2/account");
  expect([answer.status, answer.body, answer.headers.get("x-a")]).toEqual([422, body, "b"]);
  expect((await call("GET", "/_sim/faults")).body.faults).toMatchObject([{ method: "GET", kind: "status", times: 2 }]);
  expect((await call("GET", "/v2/regions")).status).toBe(200);
  expect((await call("DELETE", "/_sim/faults")).status).toBe(204);
  expect((await call("GET", "/v2/account")).status).toBe(200);
});

test.each([
  [{ path: "/", kind: "reset" }, "method"],
  [{ method: "GET", path: "(", kind: "reset" }, "path is not a regular expression"],
  [{ method: "GET", path: "/", kind: "explode" }, "kind"],
  [{ method: "GET", path: "/", kind: "status" }, "status: is needed"],
  [{ method: "DELETE", path: "/", kind: "ineffective", after_commit: true }, "after_commit"],
  [{ method: "GET", path: "/", kind: "placement_failure" }, "method: must be POST"],
  [{ method: "POST", path: "/", kind: "ineffective" }, "must be DELETE"],
  [{ method: "GET", path: "/", kind: "reset", times: 0 }, "times"],
  [{ method: "GET", path: "/", kind: "reset", colour: "red" }, "colour"],
  [{ method: "GET", path: "/", kind: "html", body: { id: "x" } }, "body: must be a string"],
  [{ method: "GET", path: "/", kind: "reset", headers: { "Content-Length": "1" } }, "Content-Length: is not for"],
  [{ method: "GET", path: "/", kind: "reset", headers: { "transfer-encoding": "1" } }, "transfer-encoding: is not for"],
  [{ method: "GET", path: "/", kind: "reset", headers: { Connection: "1" } }, "Connection: is not for"],
  [{ method: "GET", path: "/", kind: "reset", headers: { "x y": "1" } }, "x y: cannot be sent"],
  [{ method: "GET", path: "/", kind: "reset", headers: { "x-a": "1\n2" } }, "x-a: cannot be sent"],
])("a bad fault is a 422 that says why: %j", async (spec, reason) => {
  const { call } = await testSimulator();
  const refused = await call("POST", "/_sim/faults", spec);
  expect(refused.status).toBe(422);
  expect(refused.body.message).toContain(reason);
  expect((await call("GET", "/_sim/faults")).body.faults).toEqual([]);
});
