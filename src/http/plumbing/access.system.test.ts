import { expect, test } from "vitest";
import { operationNames } from "#api/operations.ts";
import { type Path, paths } from "#api/paths.ts";
import { deploymentOf, startApi } from "#test/api.ts";
import { access } from "./access.ts";

const someId = "01890a5d-ac96-774b-bcce-b302099a8057";
const roles = ["viewer", "operator", "admin"] as const;
const routes = Object.entries(access).map(([route, rule]) => {
  const [method = "", path = ""] = route.split(" ");
  return { method: method as "GET" | "POST" | "PATCH" | "DELETE", path, rule };
});
const urlOf = (path: string) => path.replace(":id", someId).replace(":provider_id", "42");
/** What the door says before anything else is looked at. */
const door = (status: number) => (status === 401 || status === 403 ? status : "let in");

test("the table and the contract name the same paths", () => {
  const inTable = new Set(routes.map((route) => route.path));
  const named = (Object.values(paths) satisfies Path[]).flatMap((path): string[] =>
    path === paths.deploymentOperation ? operationNames.map((name) => path.replace(":operation", name)) : [path],
  );
  expect(inTable).toEqual(new Set(named));
});

test("every route x every role, of the whole and of one tenant", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  let walked = 0;
  for (const role of roles)
    for (const tenantId of [null, tenant.id]) {
      const { secret: token } = await api.newToken(role, tenantId);
      for (const { method, path, rule } of routes) {
        const { status } = await api.call(method, urlOf(path), method === "POST" ? {} : undefined, { token });
        const reaches = rule.role === "open" || roles.indexOf(role) >= roles.indexOf(rule.role);
        const allowed = reaches && (rule.scope === "own" || !tenantId);
        const who = `${role}${tenantId ? " of a tenant" : ""}: ${method} ${path}`;
        expect([who, door(status)]).toEqual([who, allowed ? "let in" : 403]);
        expect([who, status]).not.toEqual([who, 500]);
        walked += 1;
      }
    }
  console.log(`walked ${walked} routes x roles`);
  expect(walked).toBe(routes.length * 6);
});

test("every route without a token, with a malformed, an unknown, an expired and a revoked one", async () => {
  await using api = await startApi();
  const expired = await api.newToken("admin", null, new Date(Date.now() - 1));
  const revoked = await api.newToken("admin");
  await api.call("DELETE", `/v1/tokens/${revoked.id}`);
  const attempts = [
    [null, "missing_token"],
    ["", "missing_token"],
    ["two words", "invalid_token"],
    [`arc_${"A".repeat(43)}`, "invalid_token"],
    [expired.secret, "expired_token"],
    [revoked.secret, "revoked_token"],
  ] as const;
  for (const { method, path, rule } of routes)
    for (const [token, code] of attempts) {
      const answer = await api.call(method, urlOf(path), method === "POST" ? {} : undefined, { token });
      if (rule.role === "open") expect([path, door(answer.status)]).toEqual([path, "let in"]);
      else {
        expect([path, answer.status, answer.body.code]).toEqual([path, 401, code]);
        expect(answer.headers["www-authenticate"]).toContain("Bearer");
        expect(answer.headers["content-type"]).toContain("application/problem+json");
      }
    }
});

test("another tenant's things are not there, in lists, by id and as a filter", async () => {
  await using api = await startApi();
  const [mine, other] = [await api.newTenant("mine", ["a.example.com"]), await api.newTenant("other")];
  const { secret: token } = await api.newToken("admin", mine.id);
  const asked = (id: string, hostname: string) => deploymentOf(id, { hostname, provision: true });
  const own = (await api.call("POST", "/v1/deployments", asked(mine.id, "a.example.com"), { token })).body;
  const foreign = (await api.call("POST", "/v1/deployments", asked(other.id, "b.example.com"))).body;

  const ids = async (url: string) => {
    const { body } = await api.call("GET", url, undefined, { token });
    return body.items.map((item: { id: string }) => item.id);
  };
  expect(await ids("/v1/tenants")).toEqual([mine.id]);
  expect(await ids("/v1/deployments")).toEqual([own.id]);
  expect(await ids(`/v1/deployments?tenant_id=${other.id}`)).toEqual([]);
  expect(await ids("/v1/deployments?q=b.example")).toEqual([]);
  expect(await ids("/v1/sagas")).toEqual([own.saga.id]);
  expect(await ids(`/v1/sagas?deployment_id=${foreign.id}`)).toEqual([]);
  expect(await ids(`/v1/resources?tenant_id=${other.id}`)).toEqual([]);
  expect(await ids(`/v1/audit?tenant_id=${other.id}`)).toEqual([]);

  const refused = [
    ["GET", `/v1/tenants/${other.id}`],
    ["GET", `/v1/deployments/${foreign.id}`],
    ["GET", `/v1/deployments/${foreign.id}/removal`],
    ["DELETE", `/v1/deployments/${foreign.id}`],
    ["POST", `/v1/deployments/${foreign.id}/provision`],
    ["POST", `/v1/deployments/${foreign.id}/cancel`],
    ["GET", `/v1/sagas/${foreign.saga.id}`],
    ["GET", `/v1/sagas/${foreign.saga.id}/events`],
    ["POST", `/v1/sagas/${foreign.saga.id}/cancel`],
    ["POST", `/v1/sagas/${foreign.saga.id}/retry`],
  ] as const;
  for (const [method, url] of refused) {
    const body = url.endsWith("/resolve") ? { reason: "by hand" } : undefined;
    const answer = await api.call(method, url, body, { token });
    expect([url, answer.status, answer.body.code]).toEqual([url, 404, "not_found"]);
  }
  const smuggled = await api.call("POST", "/v1/deployments", asked(other.id, "c.example.com"), { token });
  expect(smuggled.status).toBe(422);
  expect(smuggled.body.errors).toEqual([
    { path: "tenant_id", message: `there is no tenant ${other.id}` },
    { path: "hostname", message: "c.example.com is none of the tenant's hostnames: a.example.com" },
  ]);
});

test("a route that the table does not name keeps the server from starting", async () => {
  await using api = await startApi();
  const unlisted = api.call("GET", "/v1/unlisted");
  expect((await unlisted).status).toBe(404);
  const { createServer } = await import("../server.ts");
  const app = await createServer(api);
  expect(() => app.get("/v1/unlisted", () => ({}))).toThrow("GET /v1/unlisted has no entry in the table");
  await app.close();
});
