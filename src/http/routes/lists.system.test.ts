import { sql } from "kysely";
import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

async function walk(api: Api, url: string) {
  const seen: Record<string, unknown>[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null; pages += 1) {
    expect(pages).toBeLessThan(50);
    const { status, body } = await api.call("GET", `${url}${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    seen.push(...body.items);
    cursor = body.next_cursor;
  }
  return seen;
}

test("pages hold every row once, newest first, also when many share one moment", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const moments = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 4].map((second) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)));
  const rows = moments.map((at, index) => ({
    ...deploymentOf(tenant.id, { hostname: `h${index}.example.com` }),
    id: api.ids.uuid(),
    status: "pending" as const,
    created_at: at,
    updated_at: at,
  }));
  await api.db.insertInto("deployments").values(rows).execute();

  const seen = await walk(api, "/v1/deployments?limit=2");

  const expected = rows.toSorted((a, b) => b.created_at.getTime() - a.created_at.getTime() || (a.id < b.id ? 1 : -1));
  expect(seen.map((row) => row["id"])).toEqual(expected.map((row) => row.id));
  // What arrives while one reads pages does not shift them.
  const first = (await api.call("GET", "/v1/deployments?limit=2")).body;
  await api.call("POST", "/v1/deployments", deploymentOf(tenant.id));
  const second = (await api.call("GET", `/v1/deployments?limit=2&cursor=${first.next_cursor}`)).body;
  expect(second.items.map((row: { id: string }) => row.id)).toEqual(expected.slice(2, 4).map((row) => row.id));
});

test("deployments are filtered by status, tenant, hostname and text, wildcards being text", async () => {
  await using api = await startApi();
  const [one, two] = [await api.newTenant("one"), await api.newTenant("two")];
  for (const [tenant, hostname, provision] of [
    [one, "alpha.example.com", true],
    [one, "beta.example.com", false],
    [two, "gamma.example.com", true],
  ])
    await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { hostname, provision }));
  const names = async (query: string) => {
    const { body } = await api.call("GET", `/v1/deployments?${query}`);
    return body.items.map((row: { hostname: string }) => row.hostname.split(".")[0]);
  };
  expect(await names("status=provisioning")).toEqual(["gamma", "alpha"]);
  expect(await names("status=pending,active")).toEqual(["beta"]);
  expect(await names(`tenant_id=${two.id}`)).toEqual(["gamma"]);
  expect(await names("hostname=BETA.example.com.")).toEqual(["beta"]);
  expect(await names("name=app")).toEqual(["gamma", "beta", "alpha"]);
  expect(await names("name=ap")).toEqual([]);
  expect(await names("q=ET")).toEqual(["beta"]);
  expect(await names("q=%25")).toEqual([]);
  expect(await names("q=_")).toEqual([]);
});

test("deployments are filtered by health, with the check of their own or their release's, read page by page", async () => {
  await using api = await startApi();
  const [acme, other] = [await api.newTenant("acme"), await api.newTenant("other")];
  const health_check = { protocol: "tcp", port: 80 };
  for (const [name, more] of Object.entries({ blue: { health_check }, green: { health_check }, plain: {} }))
    await api.call("POST", "/v1/releases", { name, image: "ubuntu-24-04-x64", size_slug: "s-1vcpu-1gb", ...more });
  const create = async (tenant: { id: string }, name: string, more: object) => {
    const { image: _, ...deployment } = deploymentOf(tenant.id, { hostname: `${name}.example.com` });
    const body = "release" in more ? { ...deployment, ...more } : { ...deployment, image: "ubuntu-24-04-x64", ...more };
    return String((await api.call("POST", "/v1/deployments", body)).body.id);
  };
  const known = async (id: string, nth: number, state: "healthy" | "unhealthy", deleted: boolean) => {
    const at = new Date();
    const shown = { name: `d${nth}`, status: "active", managed: true, tags: [], first_seen_at: at, last_seen_at: at };
    await api.db
      .insertInto("cloud_resources")
      .values({ ...shown, id: api.ids.uuid(), provider_id: nth, deployment_id: id, deleted_at: deleted ? at : null })
      .execute();
    await api.db
      .insertInto("deployment_health")
      .values({ deployment_id: id, provider_id: nth, state, since: at })
      .execute();
  };
  await known(await create(acme, "own-well", { health_check }), 1, "healthy", false);
  await known(await create(acme, "blue-ill", { release: "blue" }), 2, "unhealthy", false);
  await known(await create(acme, "green-was-ill", { release: "green" }), 3, "unhealthy", true);
  await create(acme, "unchecked", {});
  await create(other, "plain", { release: "plain" });
  await create(other, "own-new", { health_check });
  await create(other, "blue-new", { release: "blue" });
  const names = async (query: string) =>
    (await walk(api, `/v1/deployments?limit=1&${query}`)).map((row) => String(row["hostname"]).split(".")[0]);
  expect(await names("health=unknown")).toEqual(["blue-new", "own-new", "green-was-ill"]);
  expect(await names("health=healthy")).toEqual(["own-well"]);
  expect(await names("health=unhealthy")).toEqual(["blue-ill"]);
  expect(await names("health=healthy,unhealthy")).toEqual(["blue-ill", "own-well"]);
  expect(await names("health=unhealthy,unknown&status=pending,active")).toEqual([
    "blue-new",
    "own-new",
    "green-was-ill",
    "blue-ill",
  ]);
  expect(await names(`health=unknown&tenant_id=${acme.id}`)).toEqual(["green-was-ill"]);
  expect(await names("health=unknown&q=blue")).toEqual(["blue-new"]);
  expect(await names("health=unhealthy&status=active")).toEqual([]);
});

test("stuck is a filter of deployments as of sagas, alone and with statuses, read page by page", async () => {
  await using api = await startApi();
  const [acme, other] = [await api.newTenant("acme"), await api.newTenant("other")];
  const provision = async (tenant: { id: string }, name: string, stuck: boolean) => {
    const body = deploymentOf(tenant.id, { hostname: `${name}.example.com`, provision: true });
    const { saga } = (await api.call("POST", "/v1/deployments", body)).body;
    if (stuck) await api.db.updateTable("sagas").set({ status: "stuck" }).where("id", "=", saga.id).execute();
  };
  await provision(acme, "one", true);
  await provision(acme, "two", false);
  await provision(other, "three", true);
  await api.call("POST", "/v1/deployments", deploymentOf(acme.id, { hostname: "four.example.com" }));
  const names = async (query: string) =>
    (await walk(api, `/v1/deployments?limit=1&${query}`)).map((row) => String(row["hostname"]).split(".")[0]);
  expect(await names("status=stuck")).toEqual(["three", "one"]);
  expect(await names("status=stuck,pending")).toEqual(["four", "three", "one"]);
  expect(await names("status=provisioning")).toEqual(["three", "two", "one"]);
  expect(await names("status=pending")).toEqual(["four"]);
  expect(await names(`status=stuck&tenant_id=${acme.id}`)).toEqual(["one"]);
  expect(await names("status=stuck&q=thr")).toEqual(["three"]);
  expect((await api.call("GET", "/v1/sagas?status=stuck")).body.items).toHaveLength(2);
  const theirs = await api.newToken("viewer", other.id);
  const own = await api.call("GET", "/v1/deployments?status=stuck", undefined, { token: theirs.secret });
  expect(own.body.items.map((row: { hostname: string }) => row.hostname)).toEqual(["three.example.com"]);
  expect((await api.call("GET", "/v1/deployments?status=stuk")).status).toBe(422);
  expect((await api.call("GET", "/v1/stats")).body).toMatchObject({ stuck_deployments: 2, sagas: { stuck: 2 } });
  const ownStats = await api.call("GET", "/v1/stats", undefined, { token: theirs.secret });
  expect(ownStats.body.stuck_deployments).toBe(1);

  // Of the many that have ended none is read: an index holds the others alone.
  await sql`insert into sagas (id, name, status, input, created_at, finished_at)
    select gen_random_uuid(), 'provision_droplet', 'completed', '{}', now() - n * interval '1 second', now()
    from generate_series(1, 20000) n`.execute(api.db);
  await sql`analyze sagas`.execute(api.db);
  const plan = await sql<{ "QUERY PLAN": string }>`explain select * from sagas where status in ('stuck')
    order by created_at desc, id desc limit 51`.execute(api.db);
  expect(plan.rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("sagas_one_live_per");
});

test("resources are filtered, deleted ones only shown when asked for", async () => {
  await using api = await startApi();
  const row = (id: number, changes: object = {}) => ({
    id: api.ids.uuid(),
    provider_id: id,
    name: `d${id}`,
    status: "active",
    region: "syd1",
    size_slug: "s",
    managed: true,
    first_seen_at: new Date(id),
    last_seen_at: new Date(id),
    ...changes,
  });
  const far = 2 ** 40;
  await api.db
    .insertInto("cloud_resources")
    .values([row(1), row(2, { managed: false }), row(3, { deleted_at: new Date() }), row(far, { region: "nyc1" })])
    .execute();
  const ids = async (query: string) =>
    (await walk(api, `/v1/resources?limit=1&${query}`)).map((it) => it["provider_id"]);
  expect(await ids("")).toEqual([far, 2, 1]);
  expect(await ids("managed=false")).toEqual([2]);
  expect(await ids("deleted=true")).toEqual([3]);
  expect(await ids("deleted=false")).toEqual([far, 2, 1]);
  expect(await ids("deleted=any")).toEqual([far, 3, 2, 1]);
  expect(await ids("provider_id=2")).toEqual([2]);
  expect(await ids("provider_id=3")).toEqual([]);
  expect((await api.call("GET", "/v1/resources?provider_id=x")).body.errors[0].path).toBe("provider_id");
  expect(await ids("region=nyc1")).toEqual([far]);
  expect(await ids("q=D2&managed=false")).toEqual([2]);
});

test("sagas are filtered by tenant; a tenant's token sees no other's", async () => {
  await using api = await startApi();
  const [one, two] = [await api.newTenant("one"), await api.newTenant("two")];
  for (const [tenant, hostname] of [
    [one, "alpha.example.com"],
    [two, "beta.example.com"],
  ])
    await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { hostname, provision: true }));
  const { secret: token } = await api.newToken("viewer", one.id);
  const tenants = async (query: string, options = {}) => {
    const { body } = await api.call("GET", `/v1/sagas?${query}`, undefined, options);
    return body.items.map((row: { tenant_id: string }) => row.tenant_id);
  };
  expect(await tenants(`tenant_id=${two.id}`)).toEqual([two.id]);
  expect(await tenants("", { token })).toEqual([one.id]);
  expect(await tenants(`tenant_id=${two.id}`, { token })).toEqual([]);
});

test("a cursor of one list is none of another", async () => {
  await using api = await startApi();
  for (const slug of ["one", "two"]) await api.newTenant(slug);
  await api.newToken("viewer");
  const { next_cursor: cursor } = (await api.call("GET", "/v1/tenants?limit=1")).body;
  const lists = ["deployments", "sagas", "resources", "orphans", "tokens", "audit", "webhooks"];
  for (const list of lists) {
    const { status, body } = await api.call("GET", `/v1/${list}?cursor=${cursor}`);
    expect([list, status, body.errors?.[0]?.path]).toEqual([list, 422, "cursor"]);
  }
  expect((await api.call("GET", `/v1/tenants?cursor=${cursor}`)).status).toBe(200);
});

test("orphans are what is not gone, page by page", async () => {
  await using api = await startApi();
  const seen = { first_seen_at: new Date(5), last_seen_at: new Date(6) };
  const stray = { name: "lost", verdict: "alert" as const, reason: "its saga is not known here", ...seen };
  await api.db
    .insertInto("strays")
    .values([1, 2, 3].map((id) => ({ ...stray, provider_id: id })))
    .execute();
  await api.db
    .insertInto("strays")
    .values({ ...stray, provider_id: 4, gone_at: new Date() })
    .execute();
  const orphans = await walk(api, "/v1/orphans?limit=1");
  expect(orphans.map((it) => it["provider_id"])).toEqual([3, 2, 1]);
  expect(orphans[0]).toMatchObject({ name: "lost", verdict: "alert", saga_id: null, destroy_saga_id: null });
});

test("the audit log tells who did what to which thing, from where; and cannot be changed", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const operator = await api.newToken("operator");
  const { body, headers } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id), {
    token: operator.secret,
  });
  await api.call("DELETE", `/v1/deployments/${body.id}`);
  await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { name: "-" }), { token: operator.secret });

  const { items } = (await api.call("GET", `/v1/audit?object_type=deployment&object_id=${body.id}`)).body;
  expect(items.map((entry: { action: string }) => entry.action)).toEqual(["deployment.delete", "deployment.create"]);
  expect(items[1]).toMatchObject({
    subject: "a operator",
    token_id: operator.id,
    tenant_id: tenant.id,
    request_id: headers["x-request-id"],
    address: "127.0.0.1",
    detail: { hostname: "app.example.com", provision: false },
  });
  const count = async (query: string) => (await api.call("GET", `/v1/audit?${query}`)).body.items.length;
  expect(await count("subject=a%20operator")).toBe(1);
  expect(await count("action=tenant.create")).toBe(1);
  expect(await count("object=deployment")).toBe(2);
  expect(await count(`object=${tenant.id}`)).toBe(1);
  expect(await count(`object=${tenant.id}&subject=a%20operator`)).toBe(0);
  expect(await count("until=2020-01-01T00:00:00Z")).toBe(0);
  expect(await count("since=2020-01-01T00:00:00%2B02:00")).toBe(3);
  await expect(api.db.deleteFrom("audit_log").execute()).rejects.toThrow("append-only");
  await expect(api.db.updateTable("audit_log").set({ subject: "x" }).execute()).rejects.toThrow("append-only");
});

test("a tenant sees who did what to its things, but not from where, nor with which token, unless it was its own", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const own = await api.newToken("admin", tenant.id);
  const { id } = (await api.call("POST", "/v1/deployments", deploymentOf(tenant.id))).body;
  await api.call("DELETE", `/v1/deployments/${id}`, undefined, { token: own.secret });
  const seen = async (options: object) =>
    (await api.call("GET", "/v1/audit?object=deployment", undefined, options)).body;
  expect((await seen({ token: own.secret })).items).toMatchObject([
    { action: "deployment.delete", subject: "a admin", token_id: own.id, address: "127.0.0.1" },
    { action: "deployment.create", subject: "a admin", token_id: null, address: null },
  ]);
  expect((await seen({})).items[1]).toMatchObject({ token_id: api.admin.id, address: "127.0.0.1" });
});

test("what only an admin of the whole installation may is not said to need an admin alone", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme", ["app.example.com"]);
  const { secret: token } = await api.newToken("admin", tenant.id);
  const { status, body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { replace_dns: true }), {
    token,
  });
  expect([status, body.code]).toEqual([403, "forbidden"]);
  expect(body.detail).toContain("not bound to a tenant");
});
