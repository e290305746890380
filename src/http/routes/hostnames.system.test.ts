import { expect, test } from "vitest";
import { expireClaims } from "#operations/expire-claims.ts";
import { type Api, deploymentOf, startApi } from "#test/api.ts";
import { createManualClock } from "#test/manual-clock.ts";

/** Three who may ask: the tenant's own admin, an operator over all tenants, and the admin of everything. */
async function askersOf(api: Api, tenantId: string) {
  const { secret: bound } = await api.newToken("admin", tenantId);
  const { secret: operator } = await api.newToken("operator");
  return { bound, operator, admin: api.admin.secret };
}

/** @returns 201 and 202, or what is said of the hostname */
async function ask(api: Api, token: string, tenantId: string, hostname: string, provision = false) {
  const { status, body } = await api.call("POST", "/v1/deployments", deploymentOf(tenantId, { hostname, provision }), {
    token,
  });
  if (status === 422) expect(body.errors.map((it: { path: string }) => it.path)).toEqual(["hostname"]);
  return status === 422 ? body.errors[0].message : status;
}

test("a tenant without hostnames: its own tokens may use none, an operator any but the zone, an admin any", async () => {
  await using api = await startApi();
  const { id } = await api.newTenant("acme");
  const { bound, operator, admin } = await askersOf(api, id);
  for (const name of ["app.example.com", "www.example.com", "mail.example.com", "example.com", "a.b.c.example.com"])
    expect(await ask(api, bound, id, name)).toContain("it has no hostnames yet");
  expect(await ask(api, operator, id, "app.example.com")).toBe(201);
  expect(await ask(api, operator, id, "EXAMPLE.com.")).toContain("is the zone itself: that needs an admin");
  expect(await ask(api, admin, id, "example.com")).toBe(201);
});

test("a name within another tenant's hostnames, and the zone's own, need an admin over everything", async () => {
  await using api = await startApi();
  const acme = await api.newTenant("acme", ["*.acme.example.com", "acme.example.com"]);
  const wide = await api.newTenant("wide", ["*.example.com", "example.com"]);
  const none = await api.newTenant("none");
  const { bound, operator, admin } = await askersOf(api, wide.id);
  for (const name of ["app.acme.example.com", "a.b.acme.example.com", "acme.example.com", "APP.Acme.example.com."]) {
    for (const token of [bound, operator]) expect(await ask(api, token, wide.id, name)).toContain("another tenant");
    expect(await ask(api, operator, none.id, name)).toContain("another tenant");
  }
  for (const token of [bound, operator]) expect(await ask(api, token, wide.id, "example.com")).toContain("zone itself");
  expect(await ask(api, bound, wide.id, "other.example.com")).toBe(201);
  // A closer pattern takes the name out of a wider one.
  expect(await ask(api, (await askersOf(api, acme.id)).bound, acme.id, "mine.acme.example.com")).toBe(201);
  expect(await ask(api, admin, wide.id, "example.com")).toBe(201);
  expect(await ask(api, admin, none.id, "app.acme.example.com")).toBe(201);
});

test("an operator gives no tenant what is another's, an admin may", async () => {
  await using api = await startApi();
  await api.newTenant("acme", ["*.acme.example.com"]);
  const { secret: token } = await api.newToken("operator");
  const give = async (hostnames: string[], by = token) =>
    (
      await api.call(
        "POST",
        "/v1/tenants",
        { slug: `t${Math.random()}`.replace(".", ""), name: "t", hostnames },
        { token: by },
      )
    ).body;
  const within = ["*.acme.example.com", "x.acme.example.com", "*.x.acme.example.com"];
  for (const pattern of [...within, "example.com", "*.example.com", "*.EXAMPLE.com.", "*.com"])
    expect((await give(["fine.example.com", pattern])).errors.map((it: { path: string }) => it.path)).toEqual([
      "hostnames.1",
    ]);
  const other = await give(["*.other.example.com", "acme.example.com"]);
  const change = (hostnames: string[]) => api.call("PATCH", `/v1/tenants/${other.id}`, { hostnames }, { token });
  expect((await change(["*.other.example.com", "x.acme.example.com"])).body.errors[0].path).toBe("hostnames.1");
  expect((await give(["x.acme.example.com"], api.admin.secret)).hostnames).toEqual(["x.acme.example.com"]);
  // What it has is no news.
  expect((await change(["*.other.example.com", "acme.example.com"])).status).toBe(200);
});

test("a name that the tenant has lost is not provisioned, pending or cancelled, by whomever", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme", ["*.acme.example.com"]);
  const { bound, operator } = await askersOf(api, tenant.id);
  const ids = [];
  for (const name of ["a", "b"]) {
    const asked = deploymentOf(tenant.id, { hostname: `${name}.acme.example.com` });
    ids.push((await api.call("POST", "/v1/deployments", asked, { token: bound })).body.id);
  }
  await api.db.updateTable("deployments").set({ status: "cancelled" }).where("id", "=", ids[1]).execute();
  const provision = (id: string, token: string) =>
    api.call("POST", `/v1/deployments/${id}/provision`, undefined, { token });
  const lose = (hostnames: string[]) => api.call("PATCH", `/v1/tenants/${tenant.id}`, { hostnames });

  await lose(["other.example.com"]);
  for (const id of ids)
    for (const token of [bound, operator, api.admin.secret]) {
      const { status, body } = await provision(id, token);
      expect([status, body.errors[0].path]).toEqual([422, "hostname"]);
      expect(body.detail).toContain("none of the tenant's hostnames");
    }
  await lose([]);
  for (const id of ids) expect((await provision(id, bound)).body.detail).toContain("it has no hostnames yet");
  expect((await api.call("GET", "/v1/sagas")).body.items).toEqual([]);
  await lose(["*.acme.example.com"]);
  for (const id of ids) expect((await provision(id, bound)).status).toBe(202);
});

test.each([
  "*.acme.example.com",
  "%61pp.acme.example.com",
  "app.acme.example.com..",
  ".app.acme.example.com",
  "äpp.acme.example.com",
  "app.acme.example.com/",
  "app_1.acme.example.com",
  "app.acme。example.com",
  "app.acme.example.com:80",
  " app.acme.example.com",
  "app\u00ad.acme.example.com",
])("%s is no hostname", async (hostname) => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme", ["*.acme.example.com"]);
  for (const token of [api.admin.secret, (await askersOf(api, tenant.id)).bound])
    expect(await ask(api, token, tenant.id, hostname)).toContain("must be a DNS name");
});

test("a claim that nobody provisions ends after 24 hours, for all to see, and can be made anew", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  await api.call("POST", "/v1/webhooks", { url: "https://8.8.8.8/" });
  const { id } = (await api.call("POST", "/v1/deployments", deploymentOf(tenant.id))).body;
  const clock = createManualClock();
  clock.advance(Date.now() + 24 * 3_600_000 - 60_000 - clock.now().getTime());
  const expire = () => expireClaims(api.db, { clock, ids: api.ids });
  const status = async () => (await api.call("GET", `/v1/deployments/${id}`)).body.status;

  await expire();
  expect(await status()).toBe("pending");
  clock.advance(120_000);
  await Promise.all([expire(), expire()]);

  const { body } = await api.call("GET", `/v1/deployments/${id}`);
  expect(body).toMatchObject({ status: "cancelled", ended_at: clock.now().toISOString() });
  expect(body.reason).toContain("not provisioned within 24 hours");
  const told = await api.db.selectFrom("webhook_messages").select("type").where("object_id", "=", id).execute();
  expect(told.map((it) => it.type)).toContain("deployment.cancelled");
  const audit = (await api.call("GET", "/v1/audit?action=deployment.expire")).body.items;
  expect(audit).toMatchObject([{ object_id: id, tenant_id: tenant.id, detail: { hostname: "app.example.com" } }]);

  const other = await api.newTenant("other");
  const taken = await api.call("POST", "/v1/deployments", deploymentOf(other.id));
  expect(taken.status).toBe(201);
  const provision = () => api.call("POST", `/v1/deployments/${id}/provision`);
  expect((await provision()).body.code).toBe("hostname_in_use");
  await api.call("DELETE", `/v1/deployments/${taken.body.id}`);
  expect((await provision()).status).toBe(202);
});

test("a tenant's own token is not told which names others have, whichever tenant it names or leaves out", async () => {
  await using api = await startApi();
  const acme = await api.newTenant("acme", ["*.acme.example.com"]);
  const beta = await api.newTenant("beta", ["*.beta.example.com"]);
  expect(await ask(api, api.admin.secret, beta.id, "app.beta.example.com")).toBe(201);
  const { bound } = await askersOf(api, acme.id);
  const told = async (tenantId: string | undefined, hostname: string) => {
    const body = { ...deploymentOf(acme.id, { hostname }), tenant_id: tenantId };
    const { errors } = (await api.call("POST", "/v1/deployments", body, { token: bound })).body;
    return errors.find(({ path }: { path: string }) => path === "hostname")?.message.replace(hostname, "it");
  };
  for (const tenantId of [undefined, beta.id, acme.id]) {
    const free = await told(tenantId, "free.beta.example.com");
    expect(free).toContain("none of the tenant's hostnames");
    expect(await told(tenantId, "app.beta.example.com")).toBe(free);
  }
});
