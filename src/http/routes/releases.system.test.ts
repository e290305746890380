import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

const release = (name: string, changes: Record<string, unknown> = {}) => ({
  name,
  image: "ubuntu-24-04-x64",
  ...changes,
});
const userData = "#!/bin/sh\necho hello\n";

/** What the saga of a deployment hands to its droplet. */
async function toldTo(api: Api, sagaId: string): Promise<string> {
  const { input } = await api.db.selectFrom("sagas").select("input").where("id", "=", sagaId).executeTakeFirstOrThrow();
  const { user_data: from } = input as { user_data: { owner_id: string | null; context: string } };
  const owner = from.owner_id ?? sagaId;
  const { sealed } = await api.db
    .selectFrom("sealed_user_data")
    .select("sealed")
    .where("owner_id", "=", owner)
    .executeTakeFirstOrThrow();
  return api.secrets.open(sealed, from.context);
}

const envOf = (text: string) => /<<'ARCADIA_END'\n([^]*?)ARCADIA_END\n/.exec(text)?.[1];

test("a release is made once, shown without its user_data, listed, and deleted when nothing runs it", async () => {
  await using api = await startApi();
  const check = { protocol: "http", port: 8080, path: "/healthz" };
  const asked = release("web-1", { size_slug: "s-1vcpu-1gb", user_data: userData, health_check: check, ipv6: true });

  const made = await api.call("POST", "/v1/releases", asked);
  expect([made.status, made.headers.location]).toEqual([201, "/v1/releases/web-1"]);
  expect(made.body).toEqual({
    name: "web-1",
    image: "ubuntu-24-04-x64",
    size_slug: "s-1vcpu-1gb",
    ssh_keys: [],
    health_check: {
      ...check,
      interval_seconds: 5,
      timeout_seconds: 3,
      healthy_after: 2,
      unhealthy_after: 3,
      deadline_seconds: 600,
    },
    monitoring: false,
    ipv6: true,
    backups: false,
    vpc_uuid: null,
    stateless: false,
    rollback_safe: false,
    volume: null,
    reserved_ip: false,
    has_user_data: true,
    created_at: expect.any(String),
  });
  expect((await api.call("GET", "/v1/releases/web-1")).body).toEqual(made.body);
  const again = await api.call("POST", "/v1/releases", asked);
  expect([again.status, again.body.code]).toEqual([409, "release_exists"]);
  expect((await api.call("PATCH", "/v1/releases/web-1", { image: "debian-12-x64" })).status).toBe(405);

  await api.call("POST", "/v1/releases", release("web-2"));
  const { items } = (await api.call("GET", "/v1/releases?limit=1")).body;
  expect(items.map((it: { name: string }) => it.name)).toEqual(["web-2"]);
  expect((await api.call("GET", "/v1/releases?q=eb-1")).body.items).toEqual([made.body]);

  const stored = await api.db.selectFrom("releases").select("user_data").where("name", "=", "web-1").execute();
  expect(stored[0]?.user_data?.includes("echo hello")).toBe(false);
  const { rows } = { rows: await api.db.selectFrom("audit_log").select("detail").execute() };
  expect(JSON.stringify(rows)).not.toContain("echo hello");

  expect((await api.call("DELETE", "/v1/releases/web-2")).status).toBe(204);
  expect((await api.call("DELETE", "/v1/releases/web-2")).status).toBe(404);
  expect((await api.call("DELETE", "/v1/releases/Web%202")).status).toBe(404);
});

test("a release that a deployment runs stays until that is terminated", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  await api.call("POST", "/v1/releases", release("web-1", { size_slug: "s-1vcpu-1gb" }));
  const asked = { tenant_id: tenant.id, name: "app", hostname: "app.example.com", region: "syd1", release: "web-1" };
  const made = await api.call("POST", "/v1/deployments", asked);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ release: "web-1", image: "ubuntu-24-04-x64", size_slug: "s-1vcpu-1gb" });
  const refused = await api.call("DELETE", "/v1/releases/web-1");
  expect([refused.status, refused.body.code]).toEqual([409, "release_in_use"]);
  expect(refused.body.detail).toContain("1 deployment");
  await api.call("DELETE", `/v1/deployments/${made.body.id}`);
  expect((await api.call("DELETE", "/v1/releases/web-1")).status).toBe(204);
  expect((await api.call("GET", `/v1/deployments/${made.body.id}`)).body.release).toBe("web-1");
});

test.for([
  ["as the release says", true, undefined, true],
  ["as the deployment says, whatever the release does", true, false, false],
  ["as the deployment says, whatever the release does not", false, true, true],
  ["without one where neither says", false, undefined, false],
] as const)("a reserved IP: %s", async ([, ofRelease, ofDeployment, expected]) => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  await api.call("POST", "/v1/releases", release("web-1", { size_slug: "s-1vcpu-1gb", reserved_ip: ofRelease }));
  const place = { tenant_id: tenant.id, name: "app", hostname: "app.example.com", region: "syd1", release: "web-1" };
  const asked = { ...place, provision: true, ...(ofDeployment !== undefined && { reserved_ip: ofDeployment }) };
  const { status, body } = await api.call("POST", "/v1/deployments", asked);
  expect(status).toBe(202);
  expect(body).toMatchObject({ reserved_ip: expected, reserved_ip_address: null });
  const steps = body.saga.steps.map(({ name }: { name: string }) => name);
  expect(steps.includes("reserve_ip") && steps.includes("assign_reserved_ip")).toBe(expected);
  const wrong = await api.call("POST", "/v1/deployments", { ...asked, hostname: "b.example.com", reserved_ip: "yes" });
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ path: "reserved_ip" }] } });
});

test("a deployment's droplet is told who it is, its variables and its release's user_data", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  await api.call("POST", "/v1/releases", release("web-1", { user_data: userData, ssh_keys: [7], monitoring: true }));
  const { image: _, ...place } = deploymentOf(tenant.id, { provision: true, release: "web-1" });
  const variables = { DATABASE_URL: 'postgres://a:"$x`\\@b', PEM: "one\ntwo\n" };
  const { status, body } = await api.call("POST", "/v1/deployments", {
    ...place,
    variables,
    labels: { cohort: "one" },
  });
  expect(status).toBe(202);
  expect(body).toMatchObject({
    variable_names: ["DATABASE_URL", "PEM"],
    labels: { cohort: "one" },
    ssh_keys: [7],
    health_check: null,
  });
  expect(JSON.stringify(body)).not.toContain("postgres");

  const told = await toldTo(api, body.saga.id);
  expect(told).toMatch(/^Content-Type: multipart\/mixed; boundary="arcadia-part"\nMIME-Version: 1.0\n/);
  expect(told).toContain(`\n\n${userData}\n--arcadia-part--\n`);
  expect(envOf(told)).toBe(
    `ARCADIA_HOSTNAME="app.example.com"\nARCADIA_TENANT="acme"\nARCADIA_DEPLOYMENT="${body.id}"\n` +
      `ARCADIA_RELEASE="web-1"\nDATABASE_URL="postgres://a:\\"\\$x\\\`\\\\@b"\nPEM="one\ntwo\n"\n`,
  );
  const { input } = await api.db.selectFrom("sagas").select("input").executeTakeFirstOrThrow();
  expect(input).toMatchObject({ release: "web-1", features: { monitoring: true }, ssh_keys: [7] });
  for (const table of ["sagas", "saga_events", "audit_log", "deployments"] as const)
    expect(JSON.stringify(await api.db.selectFrom(table).selectAll().execute())).not.toContain("postgres://");
});

test("with neither release nor variables its own user_data goes along as it is; with variables as the second part", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const asked = deploymentOf(tenant.id, { provision: true, user_data: userData });
  expect(await toldTo(api, (await api.call("POST", "/v1/deployments", asked)).body.saga.id)).toBe(userData);
  const other = { ...asked, hostname: "b.example.com", variables: { A: "b" } };
  const told = await toldTo(api, (await api.call("POST", "/v1/deployments", other)).body.saga.id);
  expect(told).toContain(`\n\n${userData}\n--arcadia-part--\n`);
  expect(envOf(told)).toContain('ARCADIA_RELEASE=""\nA="b"\n');
});

test("variables are changed one by one, labels and the health check as a whole", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const check = { protocol: "tcp", port: 22 };
  await api.call("POST", "/v1/releases", release("web-1", { health_check: check }));
  const asked = { ...deploymentOf(tenant.id), release: "web-1", variables: { A: "1", B: "2" }, labels: { a: "1" } };
  const { body } = await api.call("POST", "/v1/deployments", asked);
  expect(body.health_check).toMatchObject(check);
  const url = `/v1/deployments/${body.id}`;

  const changed = await api.call("PATCH", url, { variables: { A: null, C: "3" }, labels: { cohort: "internal" } });
  expect([changed.status, changed.body.variable_names, changed.body.labels]).toEqual([
    200,
    ["B", "C"],
    { cohort: "internal" },
  ]);
  const own = await api.call("PATCH", url, { health_check: { protocol: "https", port: 443 } });
  expect(own.body.health_check).toMatchObject({ protocol: "https", port: 443 });
  expect((await api.call("PATCH", url, { health_check: null })).body.health_check).toMatchObject(check);
  const { body: audit } = await api.call("GET", "/v1/audit?action=deployment.change");
  expect(JSON.stringify(audit)).toContain('"variables":["A","C"]');

  const provisioned = await api.call("POST", `${url}/provision`);
  expect(envOf(await toldTo(api, provisioned.body.saga.id))).toContain('B="2"\nC="3"\n');

  for (const [query, count] of [
    ["label=cohort:internal", 1],
    ["label=cohort:internal,a:1", 0],
    ["label=cohort:other", 0],
    ["release=web-1", 1],
    ["release=web-2", 0],
  ] as const)
    expect([query, (await api.call("GET", `/v1/deployments?${query}`)).body.items.length]).toEqual([query, count]);
});

test("a tenant has labels too", async () => {
  await using api = await startApi();
  const { body } = await api.call("POST", "/v1/tenants", { slug: "acme", name: "Acme", labels: { tier: "gold" } });
  expect(body.labels).toEqual({ tier: "gold" });
  await api.newTenant("other");
  const found = await api.call("GET", "/v1/tenants?label=tier:gold");
  expect(found.body.items.map((it: { slug: string }) => it.slug)).toEqual(["acme"]);
  const changed = await api.call("PATCH", `/v1/tenants/${body.id}`, { labels: {} });
  expect(changed.body.labels).toEqual({});
});

const bad = [
  [{ release: "nobody" }, "release", "there is no release nobody"],
  [{ release: "Web 1" }, "release", "lower-case"],
  [{ release: "web-1", image: "debian-12-x64" }, "image", "release web-1 says"],
  [{ release: "web-1", ssh_keys: [1] }, "ssh_keys", "release web-1 says"],
  [{ release: "web-1", user_data: userData }, "user_data", "release web-1 says"],
  [{ release: "web-1", size_slug: undefined }, "size_slug", "names none"],
  [{ image: undefined }, "image", "is needed"],
  [{ size_slug: undefined }, "size_slug", "is needed"],
  [{ variables: { lower: "x" } }, "variables.lower", "capital letters"],
  [{ variables: { ARCADIA_X: "x" } }, "variables.ARCADIA_X", "set here"],
  [{ variables: { A: "a\0b" } }, "variables.A", "control characters"],
  [{ variables: { A: "a\r\n" } }, "variables.A", "control characters"],
  [{ variables: { A: 1 } }, "variables.A", "must be text"],
  [{ variables: { A: "x".repeat(65_000) } }, "variables", "at most 64 KiB"],
  [{ release: "big" }, "release", "at most 64 KiB"],
  [{ labels: { "Not a key": "x" } }, "labels.Not a key", "lower-case"],
  [{ labels: { a: "" } }, "labels.a", "1 to 63"],
  [{ health_check: { protocol: "tcp", port: 22, path: "/" } }, "health_check", "neither path nor expect"],
  [{ health_check: { protocol: "http", port: 0 } }, "health_check.port", "must be at least 1"],
  [{ health_check: { protocol: "http", port: 80, path: "x" } }, "health_check.path", "must begin with /"],
  [{ health_check: { protocol: "http", port: 80, expect: "299-200" } }, "health_check.expect", "end"],
  [
    { health_check: { protocol: "http", port: 80, interval_seconds: 0 } },
    "health_check.interval_seconds",
    "must be at least 1",
  ],
] as const;

test("each wrong field is refused where it is wrong, and nothing is written", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  await api.call("POST", "/v1/releases", release("web-1"));
  // As long as it may be beside a short hostname, and too long beside a long one.
  let length = 64 * 1024;
  while (
    (await api.call("POST", "/v1/releases", release("big", { user_data: "x".repeat(length) }))).body.code !== undefined
  )
    length -= 8;
  for (const [change, path, reason] of bad) {
    const asked = { ...deploymentOf(tenant.id), ...("release" in change && { image: undefined }), ...change };
    const { status, body } = await api.call("POST", "/v1/deployments", asked);
    const said = body.errors?.filter((fault: { path: string }) => fault.path === path) ?? [];
    expect([change, status, said.map((fault: { message: string }) => fault.message).join()]).toEqual([
      change,
      422,
      expect.stringContaining(reason),
    ]);
  }
  expect(await api.db.selectFrom("deployments").selectAll().execute()).toEqual([]);
  expect(await api.db.selectFrom("sealed_variables").selectAll().execute()).toEqual([]);

  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { variables: { A: "1" } }));
  const url = `/v1/deployments/${body.id}`;
  for (const [change, path] of [
    [{}, ""],
    [{ image: "x" }, "image"],
    [{ variables: { B: "x".repeat(65_000) } }, "variables"],
    [{ labels: { a: "b c" } }, "labels.a"],
  ] as const) {
    const answer = await api.call("PATCH", url, change);
    expect([change, answer.status, answer.body.errors[0].path]).toEqual([change, 422, path]);
  }
  expect((await api.call("GET", url)).body).toEqual(body);
  await api.call("DELETE", url);
  expect((await api.call("PATCH", url, { labels: {} })).body.code).toBe("already_terminated");
  expect(await api.db.selectFrom("sealed_variables").selectAll().execute()).toEqual([]);
});

test.each([
  ["/v1/deployments?label=cohort", 422],
  ["/v1/deployments?label=a:b,", 422],
  ["/v1/deployments?label=A:b", 422],
  ["/v1/deployments?release=A", 422],
  ["/v1/tenants?label=%00:a", 422],
])("GET %s is a %i", async (url, status) => {
  await using api = await startApi();
  expect((await api.call("GET", url)).status).toBe(status);
});

test("a tenant's own token chooses among releases, and makes none", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme", ["app.example.com"]);
  await api.call("POST", "/v1/releases", release("web-1"));
  const { secret: token } = await api.newToken("operator", tenant.id);
  expect((await api.call("GET", "/v1/releases", undefined, { token })).body.items).toHaveLength(1);
  expect((await api.call("POST", "/v1/releases", release("web-2"), { token })).body.code).toBe("forbidden");
  const asked = { ...deploymentOf(tenant.id, { image: undefined }), release: "web-1" };
  expect((await api.call("POST", "/v1/deployments", asked, { token })).status).toBe(201);
});
