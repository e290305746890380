import { expect, test } from "vitest";
import { type Api, startApi } from "#test/api.ts";

/** A droplet as a sync has seen it, and what was read of the zone. */
async function seen(api: Api, changes: object = {}) {
  const now = new Date();
  const droplet = { name: "web-1", status: "active", region: "syd1", size_slug: "s-1vcpu-1gb", image: "debian-13-x64" };
  const times = { first_seen_at: now, last_seen_at: now, provider_created_at: now };
  const row = {
    ...droplet,
    ...times,
    id: api.ids.uuid(),
    provider_id: 17,
    public_ipv4: "203.0.113.1",
    tags: [],
    managed: false,
  };
  await api.db
    .insertInto("cloud_resources")
    .values({ ...row, ...changes })
    .execute();
  await api.db.insertInto("zone_listings").values({ zone: "example.com", begun_at: now, pages: 1 }).execute();
  const record = { zone: "example.com", id: 5, type: "A", name: "app", data: "203.0.113.1", ttl: 300, seen_at: now };
  await api.db.insertInto("zone_records").values(record).execute();
  return { provider_id: 17, hostname: "app.example.com", tenant_id: (await api.newTenant("acme")).id };
}

test("the preview says what is done and what it cannot see, and writes nothing; then it is adopted, protected", async () => {
  await using api = await startApi();
  const asked = { ...(await seen(api)), dns: "manage" };
  const told = await api.call("POST", "/v1/deployments/adopt?preview=true", asked);
  expect(told).toMatchObject({
    status: 200,
    body: { droplet: { provider_id: 17, name: "web-1", public_ipv4: "203.0.113.1", image: "debian-13-x64" } },
  });
  expect(told.body.cannot_see[0]).toContain("A Terraform state");
  expect(told.body.steps).toEqual([
    "verify_droplet",
    "tag_droplet",
    "register_droplet",
    "link_deployment_resource",
    "claim_deployment_dns",
    "activate_deployment",
  ]);
  const kept = await api.call("POST", "/v1/deployments/adopt?preview=true", { ...asked, dns: "keep" });
  expect(kept.body.steps).not.toContain("claim_deployment_dns");
  expect((await api.call("GET", "/v1/deployments")).body.items).toEqual([]);

  const adopted = await api.call("POST", "/v1/deployments/adopt", asked);
  expect(adopted).toMatchObject({
    status: 202,
    body: { name: "web-1", status: "provisioning", adopted: true, protected: true, saga: { name: "adopt_deployment" } },
  });
  // While it is being adopted it is in the saga's hands.
  const again = await api.call("POST", "/v1/deployments/adopt", { ...asked, hostname: "b.example.com", dns: "keep" });
  expect(again).toMatchObject({ status: 409, body: { code: "droplet_in_use" } });
  const destroyed = await api.call("DELETE", "/v1/droplets/17?unmanaged=true");
  expect(destroyed).toMatchObject({ status: 409, body: { code: "droplet_in_use" } });
});

test("only an admin over all tenants adopts, and gives back", async () => {
  await using api = await startApi();
  const asked = { ...(await seen(api)), dns: "keep" };
  const tokens = [
    await api.newToken("operator"),
    await api.newToken("admin", asked.tenant_id),
    await api.newToken("operator", asked.tenant_id),
  ];
  for (const { secret: token } of tokens)
    for (const path of ["adopt", "adopt?preview=true", `${api.ids.uuid()}/unadopt`])
      expect((await api.call("POST", `/v1/deployments/${path}`, asked, { token })).status).toBe(403);
});

test.each([
  [{ tags: ["arcadia-install-0193a000-0000-7000-8000-000000000001"] }, 409, "droplet_in_use"],
  [{ deleted_at: new Date() }, 409, "droplet_deleted"],
  [{ status: "off" }, 422, "validation_failed"],
  [{ public_ipv4: null }, 422, "validation_failed"],
])("a droplet that cannot be adopted is refused: %o", async (changes, status, code) => {
  await using api = await startApi();
  const asked = { ...(await seen(api, changes)), dns: "manage" };
  for (const query of ["", "?preview=true"])
    expect(await api.call("POST", `/v1/deployments/adopt${query}`, asked)).toMatchObject({ status, body: { code } });
  expect((await api.call("GET", "/v1/sagas")).body.items).toEqual([]);
});

test("counts against the tenant's quota, and refuses a hostname that is in use", async () => {
  await using api = await startApi();
  const asked = { ...(await seen(api)), dns: "manage" };
  await api.call("PATCH", `/v1/tenants/${asked.tenant_id}`, { quota: { max_deployments: 0 } });
  const refused = await api.call("POST", "/v1/deployments/adopt", asked);
  expect(refused).toMatchObject({ status: 422, body: { code: "quota_exceeded" } });
  const nobody = await api.call("POST", "/v1/deployments/adopt", { ...asked, tenant_id: api.ids.uuid() });
  expect(nobody).toMatchObject({ status: 422, body: { errors: [{ path: "tenant_id" }] } });
});
