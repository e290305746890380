import { Writable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test, vi } from "vitest";
import { openDatabase } from "#db/connection.ts";
import { openLog } from "#log.ts";
import { deploymentOf, startApi } from "#test/api.ts";
import { createManualClock } from "#test/manual-clock.ts";
import { access } from "./plumbing/access.ts";

test("the OpenAPI document is 3.1, names every route, and every reference and schema in it is sound", async () => {
  await using api = await startApi();
  const { body, headers } = await api.call("GET", "/openapi.json", undefined, { token: null });
  expect(headers["content-type"]).toContain("application/json");
  expect(body.openapi).toBe("3.1.0");

  const named = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{([a-z_]+)\}/g, ":$1")}`),
  );
  // The page and its files are no part of the API.
  const routes = Object.keys(access).filter((route) => route !== "GET /" && !route.startsWith("GET /assets/"));
  expect(named.toSorted()).toEqual(routes.toSorted());

  const text = JSON.stringify(body);
  for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    expect(body.components.schemas).toHaveProperty(name);
  const ajv = new Ajv2020({ strict: false, logger: false });
  ajv.addSchema({ $id: "document", ...body });
  for (const name of Object.keys(body.components.schemas))
    expect(() => ajv.compile({ $ref: `document#/components/schemas/${name}` })).not.toThrow();
});

test("the OpenAPI document is made once, packed, and not sent again to whoever has it", async () => {
  await using api = await startApi();
  const ask = (headers: Record<string, string>) => api.app.inject({ url: "/openapi.json", headers });
  const made = vi.spyOn(api.app, "swagger");
  const first = await ask({});
  const packed = await ask({ "accept-encoding": "gzip" });
  expect(gunzipSync(packed.rawPayload).toString()).toBe(first.payload);
  const again = await ask({ "if-none-match": String(first.headers["etag"]) });
  expect([again.statusCode, again.payload]).toEqual([304, ""]);
  expect(made).toHaveBeenCalledTimes(1);
});

test("an answer is what the document says", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }));
  const document = (await api.call("GET", "/openapi.json")).body;
  const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false });
  ajv.addSchema({ $id: "document", ...document });
  const check = ajv.compile({ $ref: "document#/components/schemas/Deployment" });
  expect([check(body), check.errors]).toEqual([true, null]);
  expect(check({ ...body, user_data: "x" })).toBe(false);
});

test("ready needs database and queue at once, and the catalogue for at most ten seconds", async () => {
  const clock = createManualClock();
  await using api = await startApi({ clock });
  const ready = async () => (await api.call("GET", "/readyz", undefined, { token: null })).body;
  expect(await ready()).toMatchObject({
    ready: false,
    database: { ok: true },
    queue: { ok: true },
    provider: { status: "unknown", catalogue_read: false, reason: "the catalogue is not read yet" },
    simulated: false,
  });
  clock.advance(10_000);
  expect(await ready()).toMatchObject({ ready: true, provider: { catalogue_read: false } });
  const read = {
    catalogue_read_at: clock.now(),
    simulated: true,
    status: "down" as const,
    reason: "401 on everything",
  };
  await api.db.updateTable("provider").set(read).execute();
  expect(await ready()).toMatchObject({
    ready: true,
    simulated: true,
    provider: { status: "down", reason: "401 on everything" },
  });
});

test("without its database the server says so: 503, and never how it is built", async () => {
  const dead = openDatabase("postgres://nobody@127.0.0.1:1/none", { log: openLog("silent") });
  await using api = await startApi();
  await using server = await startApi({ db: dead.db });
  const { secret: token } = await api.newToken("admin");
  const { status, body, headers } = await server.call("GET", "/v1/tenants", undefined, { token });
  expect([status, body.code, headers["retry-after"]]).toEqual([503, "unavailable", "5"]);
  const ready = await server.call("GET", "/readyz");
  expect([ready.status, ready.body.database.ok]).toEqual([503, false]);
  expect((await server.call("GET", "/healthz")).status).toBe(200);
  await dead.close();
});

test("no token, body or query reaches the log", async () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  await using api = await startApi({
    log: openLog("trace", destination),
    requestSync: () => Promise.reject(new Error("broken on purpose")),
  });
  const tenant = await api.newTenant("acme");
  const asked = deploymentOf(tenant.id, { provision: true, user_data: "planted-user-data" });
  const { secret: token } = await api.newToken("admin");
  await api.call("POST", "/v1/deployments", asked, { token });
  await api.call("POST", "/v1/deployments", { ...asked, planted: "planted-field" }, { token });
  await api.call("GET", "/v1/deployments?q=planted-query", undefined, { token });
  const { body } = await api.call("POST", "/v1/inventory/sync", undefined, { token });

  expect(JSON.stringify(body)).not.toContain("broken on purpose");
  const text = lines.join("");
  expect(text).toContain("broken on purpose");
  const failure = lines.map((line) => JSON.parse(line)).find((line) => line.msg.startsWith("A request failed"));
  expect(failure.request_id).toBe(body.request_id);
  expect(text).not.toContain(token);
  expect(text).not.toMatch(/planted-/);
});

test("the answers carry the usual security headers and let no other site in", async () => {
  await using api = await startApi();
  const { headers } = await api.call("GET", "/v1/tenants", undefined, { headers: { origin: "https://evil.example" } });
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-security-policy"]).toContain("default-src 'self'");
  // It would keep the dashboard from its own files at an address that is served over plain http.
  expect(headers["content-security-policy"]).not.toContain("upgrade-insecure-requests");
  expect(headers["access-control-allow-origin"]).toBeUndefined();
  expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
});

test("a runaway client is told to wait", async () => {
  await using api = await startApi({ requestsPerMinute: 3 });
  const statuses = [];
  for (let index = 0; index < 4; index += 1) statuses.push((await api.call("GET", "/v1/tenants")).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const { body, headers } = await api.call("GET", "/v1/tenants");
  expect([body.code, headers["retry-after"] !== undefined]).toEqual(["too_many_requests", true]);
});

test("a client that is gone before it is answered is no fault of the server", async () => {
  const lines: string[] = [];
  await using api = await startApi({ log: openLog("warn", { write: (line) => void lines.push(line) }) });
  api.app.addHook("onRequest", async ({ raw }) => {
    Object.defineProperty(raw.socket, "remoteAddress", { value: undefined });
  });
  expect((await api.call("GET", "/v1/tenants")).status).toBe(200);
  expect(lines).toEqual([]);
});

test("a queue that hangs makes the server not ready within seconds, and is asked once for all probes", async () => {
  const hanging = Promise.withResolvers<boolean>();
  let asked = 0;
  await using server = await startApi({ queueReady: () => ((asked += 1), hanging.promise) });
  const probes = Array.from({ length: 5 }, () => server.call("GET", "/readyz", undefined, { token: null }));
  for (const { status, body } of await Promise.all(probes))
    expect([status, body.database.ok, body.queue.ok]).toEqual([503, true, false]);
  expect(asked).toBe(1);
  hanging.resolve(true);
  expect((await server.call("GET", "/readyz")).body.queue.ok).toBe(true);
});

test("a look that never ends is given up, and the next one tells how it is", async () => {
  const clock = createManualClock(new Date());
  let asked = 0;
  const queueReady = () => ((asked += 1), asked === 1 ? new Promise<boolean>(() => undefined) : Promise.resolve(true));
  await using server = await startApi({ clock, queueReady });
  const isReady = async () => (await server.call("GET", "/readyz", undefined, { token: null })).body.queue.ok;
  const first = isReady();
  await expect.poll(() => asked).toBe(1);
  clock.advance(30_000);
  expect(await first).toBe(false);
  expect(await isReady()).toBe(true);
});
