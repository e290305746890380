import { request } from "node:http";
import { expect, test } from "vitest";
import { smallDroplet, testSimulator } from "#test/test-simulator.ts";

const statusWith = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/_sim/state`, { headers }, (answer) => resolve(answer.resume().statusCode));
    sent.on("error", reject).end();
  });

test("without a token it is a 401; any token will do unless one is asked for", async () => {
  const open = await testSimulator();
  for (const authorization of ["", "Bearer ", "Basic dTpw"]) {
    const refused = await open.call("GET", "/v2/account", undefined, { authorization });
    expect([refused.status, refused.body.id]).toEqual([401, "unauthorized"]);
    expect(refused.body.request_id).toBe(refused.headers.get("x-request-id"));
  }
  expect((await open.call("GET", "/v2/account")).status).toBe(200);
  const closed = await testSimulator({ token: "right" });
  expect((await closed.call("GET", "/v2/account")).status).toBe(401);
  expect((await closed.call("GET", "/v2/account", undefined, { authorization: "Bearer right" })).status).toBe(200);
});

test("a token does what its scopes say, tags included", async () => {
  const { call } = await testSimulator({ calm: true, scopes: ["droplet:create", "droplet:read"] });
  expect((await call("POST", "/v2/droplets", smallDroplet)).status).toBe(202);
  const tagged = await call("POST", "/v2/droplets", { ...smallDroplet, tags: ["a"] });
  expect([tagged.status, tagged.body.id]).toEqual([403, "forbidden"]);
  expect((await call("GET", "/v2/droplets")).status).toBe(200);
  expect((await call("GET", "/v2/droplets?tag_name=a")).status).toBe(403);
  expect((await call("GET", "/v2/account")).status).toBe(403);
});

test("only loopback names are answered, and no web page", async () => {
  const { url, port } = await testSimulator();
  expect(await statusWith(url, { host: `localhost:${port}` })).toBe(200);
  expect(await statusWith(url, { host: "simulator.example.com" })).toBe(421);
  expect(await statusWith(url, { host: "127.0.0.1.example.com" })).toBe(421);
  expect(await statusWith(url, { origin: url })).toBe(403);
});

test("a bad body is a 400, one over a mebibyte a 413, an unknown path a 404", async () => {
  const { call } = await testSimulator();
  for (const body of ["{", "[]", '"text"', "null"]) expect((await call("POST", "/v2/droplets", body)).status).toBe(400);
  expect((await call("POST", "/v2/droplets", `"${"x".repeat(1_100_000)}"`)).status).toBe(413);
  expect((await call("GET", "/v2/nothing")).status).toBe(404);
  expect((await call("GET", "/v2/tags/%E0%A4%A")).status).toBe(404);
  expect((await call("POST", "/_sim/faults", "{")).status).toBe(400);
});

test("a body that is nested too deeply is a 400, everywhere, and arms nothing", async () => {
  const { call, state } = await testSimulator({ calm: true });
  const deep = "[".repeat(300_000) + "]".repeat(300_000);
  const levels = (count: number): string => `${"[".repeat(count)}${"]".repeat(count)}`;
  for (const path of ["/v2/tags", "/v2/droplets", "/v2/domains/example.com/records"])
    expect((await call("POST", path, `{"name":${deep}}`)).status).toBe(400);
  expect((await call("POST", "/v2/tags", `{"name":${"[".repeat(300_000)}`)).status).toBe(400);
  const fault = (body: string): string => `{"method":"GET","path":"/","kind":"status","status":500,"body":${body}}`;
  expect((await call("POST", "/_sim/faults", fault(deep))).status).toBe(400);
  expect((await call("GET", "/_sim/faults")).body.faults).toEqual([]);
  expect((await call("POST", "/_sim/faults", fault(levels(99)))).status).toBe(201);
  expect((await call("POST", "/v2/tags", JSON.stringify({ name: '\\"[['.repeat(200) }))).status).toBe(400);
  const user_data = '{"a": "\\"['.repeat(200);
  expect((await call("POST", "/v2/droplets", { ...smallDroplet, user_data })).status).toBe(202);
  expect(state()).toMatchObject({ created_total: 1, tags: [] });
});

test("control calls need no token and are not counted", async () => {
  const { url } = await testSimulator();
  const answer = await fetch(`${url}/_sim/state`);
  expect(await answer.json()).toMatchObject({ droplets: [], requests: { total: 0, by_route: {}, peak_per_minute: 0 } });
});
