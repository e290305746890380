import { afterAll, beforeAll, expect, test } from "vitest";
import { deployment, deploymentPage } from "#api/deployments.ts";
import { resourcePage } from "#api/resources.ts";
import { saga } from "#api/sagas.ts";
import { tenant } from "#api/tenants.ts";
import { createdToken } from "#api/tokens.ts";
import { type Server, startServer } from "./arcadia-process.ts";

const fast = {
  ARCADIA_POLL_SECONDS: "0.3",
  ARCADIA_SETTLE_SECONDS: "1",
  ARCADIA_DNS_DRAIN: "off",
  ARCADIA_SIM_BOOT_MS: "300",
};
const small = ["--region", "syd1", "--size", "s-1vcpu-512mb-10gb"];

let server: Server;
beforeAll(async () => {
  server = await startServer(fast);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const deploy = (hostname: string, ...more: string[]) =>
  server.arcadia(["deploy", "--tenant", "acme", "--hostname", hostname, ...more]);

test("a tenant is created, found by its slug, changed and listed", async () => {
  const created = await server.arcadia([
    "tenants",
    "create",
    "acme",
    "--name",
    "Acme",
    "--hostname",
    "*.acme.example.com",
  ]);
  expect(created).toMatchObject({ status: 0, stderr: "" });
  expect(await server.json(tenant, ["tenants", "update", "acme", "--name", "Acme Ltd"])).toMatchObject({
    slug: "acme",
    name: "Acme Ltd",
    hostnames: ["*.acme.example.com"],
  });
  const listed = await server.arcadia(["tenants"]);
  expect(listed.stdout).toMatch(
    /^SLUG +NAME +HOSTNAMES +CREATED +ID\nacme +Acme Ltd +\*\.acme\.example\.com +\d+s ago/,
  );
});

test("deploy --watch tells every step, and the deployment is active when it ends", async () => {
  const ran = await deploy("app.acme.example.com", ...small, "--watch");
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  const completed = [...ran.stdout.matchAll(/ step (\S+) completed/g)].map(([, name]) => name);
  expect(completed).toEqual([
    "mark_deployment_provisioning",
    "create_droplet",
    "wait_droplet_active",
    "register_droplet",
    "link_deployment_resource",
    "point_deployment_dns",
    "activate_deployment",
  ]);
  expect(ran.stdout).toMatch(/ step wait_droplet_active waiting for droplet \d+/);
  expect(ran.stdout).toMatch(/\napp\.acme\.example\.com is active at [\d.]+ after [\d.]+ s\n$/);

  const { items, next_cursor } = await server.json(deploymentPage, ["deployments", "list", "--tenant", "acme"]);
  expect(next_cursor).toBeNull();
  expect(items).toMatchObject([
    { hostname: "app.acme.example.com", status: "active", size_slug: "s-1vcpu-512mb-10gb" },
  ]);
  const [it] = items;
  expect(await server.json(saga, ["sagas", "get", it?.saga?.id ?? ""])).toEqual(it?.saga);
  const inventory = await server.json(resourcePage, ["inventory", "--deployment", "app.acme.example.com"]);
  expect(inventory.items).toEqual([it?.resource]);
});

test("a deployment that is rolled back is exit status 1, and the reader sees it undone", async () => {
  await server.armFault({ method: "POST", path: "^/v2/domains/[^/]+/records$", kind: "status", status: 422 });
  const ran = await deploy("dns.acme.example.com", "--watch");
  expect(ran.status).toBe(1);
  expect(ran.stdout).toMatch(/ step point_deployment_dns failed .*\n(.*\n)*.* step create_droplet compensated/);
  expect(ran.stderr).toMatch(/^arcadia: Rolled back after .*arcadia sagas get/);
  expect(await server.json(deployment, ["deployments", "get", "dns.acme.example.com"])).toMatchObject({
    status: "cancelled",
    saga: { status: "rolled_back" },
  });
});

test("with --json --watch stdout holds the end alone, the steps go to stderr", async () => {
  const ran = await server.arcadia(["deployments", "provision", "dns.acme.example.com", "--watch", "--json"]);
  expect(ran.status).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({ hostname: "dns.acme.example.com", status: "active" });
  expect(ran.stderr).toContain(" step activate_deployment completed");
});

test("destroying a deployment while it is made is done when it is terminated", async () => {
  expect((await deploy("brief.acme.example.com")).status).toBe(0);
  const ran = await server.arcadia(["deployments", "destroy", "brief.acme.example.com", "--yes", "--watch"]);
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(ran.stdout).toContain("brief.acme.example.com is terminated");
});

test("destroy takes a deployment down, after which nothing of it is in the inventory", async () => {
  const ran = await server.arcadia(["deployments", "destroy", "dns.acme.example.com", "--yes", "--watch"]);
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  const { items } = await server.json(resourcePage, ["inventory"]);
  expect(items).toMatchObject([{ name: expect.stringContaining("app.acme.example.com"), status: "active" }]);
  expect((await server.arcadia(["orphans"])).stdout).toBe("No orphans\n");
});

test("what the server refuses as not valid is exit status 2, with a line for each fault", async () => {
  const ran = await deploy("app.elsewhere.example", "--region", "nowhere", "--image", "no-such-image");
  expect(ran).toMatchObject({ status: 2, stdout: "" });
  expect(ran.stderr).toMatch(/^arcadia: .*422 validation_failed\)\n/);
  for (const path of ["hostname", "region", "image"]) expect(ran.stderr).toMatch(new RegExp(`^  ${path}: `, "m"));
  expect((await server.arcadia(["sagas", "get", "01a2013b-b878-788a-954f-628f9d9727d3"])).status).toBe(4);
  expect((await server.arcadia(["deployments", "get", "nobody.acme.example.com"])).status).toBe(4);
  const refused = await deploy("app.elsewhere.example", "--json");
  expect(JSON.parse(refused.stderr)).toMatchObject({ code: "validation_failed", status: 422 });
  const unknown = await server.arcadia(["deployments", "get", "nobody.acme.example.com", "--json"]);
  expect(JSON.parse(unknown.stderr)).toMatchObject({ code: "not_found" });
  expect((await server.arcadia(["tenants", "create", "acme", "--json"])).status).not.toBe(0);
  const conflict = await server.arcadia(["deployments", "provision", "app.acme.example.com", "--json"]);
  expect(conflict.status).toBe(5);
  expect(JSON.parse(conflict.stderr)).toMatchObject({ code: "illegal_transition", status: 409 });
  expect(
    (await server.arcadia(["tenants"], { ARCADIA_API_URL: "http://127.0.0.1:1", ARCADIA_API_TOKEN: "x" })).status,
  ).toBe(6);
});

test.for([
  [[], "Usage: arcadia"],
  [["deploy"], "--tenant"],
  [["no-such-command"], "There is no arcadia no-such-command"],
  [["tenants", "list", "--limit", "0"], "from 1 to 200"],
  [["droplets", "destroy", "a-name"], "digits only"],
  [["tenants", "update", "acme"], "nothing to change"],
  [["deploy", "--tenant", "acme", "--hostname", "u.acme.example.com", "--user-data", "/no/such/file"], "--user-data"],
  [["tokens", "create", "ci", "--role", "king"], "admin, operator, viewer"],
  [["migrate"], "DATABASE_URL"],
] as const)("%j is a usage error", async ([args, said]) => {
  const ran = await server.arcadia(args);
  expect(ran).toMatchObject({ status: 2, stdout: "" });
  expect(ran.stderr).toContain(said);
});

test("a token does what its role allows until it is revoked", async () => {
  const { id, token } = await server.json(createdToken, [
    "tokens",
    "create",
    "ci",
    "--role",
    "viewer",
    "--tenant",
    "acme",
  ]);
  const viewer = { ARCADIA_API_TOKEN: token };
  expect((await server.arcadia(["tenants", "list"], viewer)).stdout).toContain("acme");
  expect(await server.arcadia(["tenants", "create", "other"], viewer)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("403 forbidden"),
  });
  expect((await server.arcadia(["tokens", "revoke", id, "--yes"])).status).toBe(0);
  const after = await server.arcadia(["tenants", "list"], viewer);
  expect(after.status).toBe(3);
  expect(after.stderr).toMatch(/401 revoked_token\)\. The token is ARCADIA_API_TOKEN/);
  expect(after.stderr).not.toContain(token);
});
