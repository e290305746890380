import { expect, test } from "vitest";
import { refuseOverQuota } from "#operations/quota.ts";
import { type Api, deploymentOf, startApi } from "#test/api.ts";
import { keptSnapshot } from "#test/kept-snapshot.ts";

async function sizes(api: Api, prices: Record<string, number>): Promise<void> {
  const rows = Object.entries(prices).map(([slug, price_monthly]) => ({
    kind: "size" as const,
    slug,
    data: JSON.stringify({ price_monthly, disk: 25 }),
  }));
  await api.db.insertInto("catalogue").values(rows).execute();
  await api.db
    .insertInto("catalogue")
    .values([
      { kind: "region", slug: "syd1", data: "{}" },
      { kind: "region", slug: "fra1", data: "{}" },
      { kind: "image", slug: "ubuntu-24-04-x64", data: "{}" },
    ])
    .execute();
}

const small = "s-1vcpu-512mb-10gb";
const large = "s-8vcpu-16gb";

test("a protected deployment is destroyed by nobody until an admin has lifted it", async () => {
  await using api = await startApi();
  const acme = (await api.newTenant("acme")).id;
  const operator = { token: (await api.newToken("operator")).secret };
  const body = deploymentOf(acme, { provision: true, protected: true });
  const made = await api.call("POST", "/v1/deployments", body, operator);
  expect(made.body).toMatchObject({ status: "provisioning", protected: true });
  const path = `/v1/deployments/${made.body.id}`;
  await api.db.updateTable("deployments").set({ status: "active" }).execute();

  for (const token of [operator, {}]) {
    const refused = await api.call("DELETE", path, undefined, token);
    expect(refused).toMatchObject({ status: 409, body: { code: "deployment_protected" } });
    expect(refused.body.detail).toContain('{"protected": false}');
  }
  const lifting = await api.call("PATCH", path, { protected: false }, operator);
  expect(lifting).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect((await api.call("GET", path)).body).toMatchObject({ status: "active", protected: true });
  expect((await api.call("PATCH", path, { protected: false })).body.protected).toBe(false);
  // Whoever may not lift it may set it.
  expect((await api.call("PATCH", path, { protected: true }, operator)).body.protected).toBe(true);
});

test("a quota is told in figures, for every way in, and counts what is pending", async () => {
  await using api = await startApi();
  await sizes(api, { [small]: 6, [large]: 96 });
  const acme = (await api.newTenant("acme")).id;
  const set = (quota: object) => api.call("PATCH", `/v1/tenants/${acme}`, { quota });
  const make = (hostname: string, changes: object = {}) =>
    api.call("POST", "/v1/deployments", deploymentOf(acme, { hostname: `${hostname}.example.com`, ...changes }));

  expect((await set({ max_deployments: 2, max_monthly_usd: 100 })).body.quota).toEqual({
    max_deployments: 2,
    max_monthly_usd: 100,
  });
  const first = await make("a");
  expect(first).toMatchObject({ status: 201, body: { monthly_usd: 6 } });
  const tooDear = await make("b", { size_slug: large });
  expect(tooDear).toMatchObject({
    status: 422,
    body: {
      code: "quota_exceeded",
      errors: [{ path: "size_slug", message: "it spends $6 a month, this would be $96 more, and $100 are allowed" }],
    },
  });
  expect((await make("b")).status).toBe(201);
  expect((await make("c")).body.errors).toEqual([
    { path: "tenant_id", message: "it has 2 deployments and may have 2" },
  ]);

  // Cancelled it does not count; it counts again once it shall be provisioned.
  await api.db.updateTable("deployments").set({ status: "cancelled" }).where("id", "=", first.body.id).execute();
  expect((await make("c")).status).toBe(201);
  const again = await api.call("POST", `/v1/deployments/${first.body.id}/provision`);
  expect(again).toMatchObject({ status: 422, body: { code: "quota_exceeded" } });
  expect((await api.call("GET", `/v1/deployments/${first.body.id}`)).body.status).toBe("cancelled");

  await set({ allowed_sizes: [large], allowed_regions: ["fra1"] });
  expect((await make("d")).body.errors.map(({ path }: { path: string }) => path)).toEqual(["size_slug", "region"]);
  expect((await set({})).body.quota).toBeNull();
  expect((await make("d")).status).toBe(201);
  expect((await set({ max_deployments: -1 })).status).toBe(422);
});

test("DigitalOcean's backups are part of what a deployment costs, and of the quota", async () => {
  await using api = await startApi();
  await sizes(api, { [small]: 6, [large]: 96 });
  const acme = (await api.newTenant("acme")).id;
  const release = { name: "kept", image: "ubuntu-24-04-x64", size_slug: small, backups: true };
  expect((await api.call("POST", "/v1/releases", release)).status).toBe(201);
  const { image: _, size_slug: __, ...plain } = deploymentOf(acme, { hostname: "a.example.com" });
  const of = { ...plain, release: "kept" };
  const preview = await api.call("POST", "/v1/deployments?preview=true", { ...of, volume: { size_gib: 10 } });
  expect(preview.body.monthly_usd).toBe(8.2);
  expect(preview.body.does.join()).toContain("backs it up every week, for 20 %");

  await api.call("PATCH", `/v1/tenants/${acme}`, { quota: { max_monthly_usd: 14 } });
  const first = await api.call("POST", "/v1/deployments", of);
  expect(first).toMatchObject({ status: 201, body: { monthly_usd: 7.2 } });
  expect((await api.call("GET", "/v1/deployments")).body.items[0].monthly_usd).toBe(7.2);
  expect((await api.call("POST", "/v1/deployments", { ...of, hostname: "b.example.com" })).body.errors).toEqual([
    { path: "size_slug", message: "it spends $7.20 a month, this would be $7.20 more, and $14 are allowed" },
  ]);
  const without = deploymentOf(acme, { hostname: "b.example.com", size_slug: small });
  expect((await api.call("POST", "/v1/deployments", without)).status).toBe(201);
});

test("snapshots that are kept count against a quota, and refuse nothing that makes nothing dearer", async () => {
  await using api = await startApi();
  await sizes(api, { [small]: 6, [large]: 96 });
  const acme = (await api.newTenant("acme")).id;
  const other = (await api.newTenant("other")).id;
  await keptSnapshot(api, acme, { providerId: "7", gib: 50 });
  await keptSnapshot(api, acme, { providerId: "8" });
  await keptSnapshot(api, other, { providerId: "9", gib: 500 });
  const set = (quota: object) => api.call("PATCH", `/v1/tenants/${acme}`, { quota });
  await set({ max_monthly_usd: 9 });
  const make = (hostname: string) =>
    api.call("POST", "/v1/deployments", deploymentOf(acme, { hostname, size_slug: small, provision: true }));
  const first = await make("a.example.com");
  expect(first.status).toBe(202);
  expect((await make("b.example.com")).body.errors).toEqual([
    {
      path: "size_slug",
      message: "it spends $9 a month ($3 of it for snapshots that are kept), this would be $6 more, and $9 are allowed",
    },
  ]);

  const now = { id: first.body.id, region: "syd1", size_slug: large };
  const change = (wanted: object) =>
    api.db
      .transaction()
      .execute(async (tx) => {
        const quota = { max_monthly_usd: 5, max_deployments: 0, allowed_sizes: [small], allowed_regions: ["fra1"] };
        await refuseOverQuota(tx, { id: acme, slug: "acme", quota }, { ...now, now, ...wanted }, undefined);
      })
      .then(() => "allowed", String);
  expect(await change({})).toBe("allowed");
  expect(await change({ size_slug: small })).toBe("allowed");
  expect(await change({ volume: { size_gib: 10 } })).toContain("this would be $97 more");
  expect(await change({ snapshot: true })).toContain("a snapshot is billed by what it holds, and $5 are allowed");
  expect(await change({ size_slug: "s-unknown" })).toContain("no price of size s-unknown");

  expect((await api.call("DELETE", `/v1/deployments/${first.body.id}`)).status).toBe(202);
});

test("what an address that is reserved costs, and how many the account may have, stands in the preview", async () => {
  await using api = await startApi();
  await sizes(api, { [small]: 6 });
  const asked = deploymentOf((await api.newTenant("acme")).id, { size_slug: small, reserved_ip: true });
  const does = async () => (await api.call("POST", "/v1/deployments?preview=true", asked)).body.does.join();
  const price = "costs nothing while a droplet has it, and $5 a month while none has";
  expect(await does()).toContain(price);
  expect(await does()).not.toContain("The account may have");
  await api.db.updateTable("provider").set({ reserved_ip_limit: 3 }).execute();
  expect(await does()).toContain(`${price},The account may have 3 reserved IPs at once`);
});

test("two that ask at once are counted one after the other", async () => {
  await using api = await startApi();
  const acme = (await api.newTenant("acme")).id;
  await api.call("PATCH", `/v1/tenants/${acme}`, { quota: { max_deployments: 3 } });
  const asked = Array.from({ length: 8 }, (_, index) =>
    api.call("POST", "/v1/deployments", deploymentOf(acme, { hostname: `h${index}.example.com` })),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 201, 201, 422, 422, 422, 422, 422]);
});

test("the installation's quota is for those who ask with one tenant's token", async () => {
  await using api = await startApi({ tenantQuota: { max_deployments: 1 } });
  const acme = (await api.newTenant("acme", ["*.acme.example.com"])).id;
  const bound = { token: (await api.newToken("operator", acme)).secret };
  const make = (name: string, token?: object) =>
    api.call("POST", "/v1/deployments", deploymentOf(acme, { hostname: `${name}.acme.example.com` }), token);
  expect((await make("a", bound)).status).toBe(201);
  expect((await make("b", bound)).body).toMatchObject({ code: "quota_exceeded" });
  expect((await make("b")).status).toBe(201);
});
