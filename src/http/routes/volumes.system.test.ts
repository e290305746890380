import { expect, test } from "vitest";
import { volumeHandleOf } from "#resources/kinds/volume-handle.ts";
import { fresh, open } from "#resources/ledger.ts";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

const volume = { size_gib: 50, filesystem: "xfs" };

/** As if a saga had made it active, with its volume. */
async function active(api: Api) {
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true, volume }));
  const saga = body.saga.id;
  await api.db.updateTable("sagas").set({ status: "completed", finished_at: new Date(), due_at: null }).execute();
  await api.db.updateTable("deployments").set({ status: "active" }).execute();
  const handle = volumeHandleOf(saga, "app", "syd1");
  const owner = { deployment_id: body.id, tenant_id: tenant.id };
  const begins = {
    ...owner,
    id: api.ids.uuid(),
    saga_id: saga,
    step: "create_volume",
    kind: "volume",
    handle,
  } as const;
  const row = fresh({ ...begins, origin: "made", phase: "there", provider_id: "506f78a4" }, new Date());
  await api.db.transaction().execute((tx) => open(tx, row));
  return { id: body.id, saga, name: handle.name, url: `/v1/deployments/${body.id}` };
}

test("a deployment says its volume, or its release does; what is no volume is told with its path", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const release = { name: "web-1", image: "ubuntu-24-04-x64", size_slug: "s-1vcpu-1gb", volume: { size_gib: 20 } };
  expect((await api.call("POST", "/v1/releases", release)).body.volume).toEqual({ size_gib: 20, filesystem: "ext4" });
  const place = { tenant_id: tenant.id, region: "syd1", release: "web-1" };
  const of = (name: string, more: object = {}) =>
    api.call("POST", "/v1/deployments", { ...place, name, hostname: `${name}.example.com`, ...more });
  const nowhere = { provider_id: null, name: null };
  expect((await of("a")).body.volume).toEqual({ size_gib: 20, filesystem: "ext4", ...nowhere });
  const own = await of("b", { volume });
  expect([own.status, own.body.volume]).toEqual([201, { ...volume, ...nowhere }]);
  expect((await api.call("GET", `/v1/deployments/${own.body.id}`)).body.volume).toEqual({ ...volume, ...nowhere });

  for (const [wrong, path] of [
    [{ size_gib: 0 }, "volume.size_gib"],
    [{ size_gib: 16_385 }, "volume.size_gib"],
    [{ size_gib: 1.5 }, "volume.size_gib"],
    [{}, "volume.size_gib"],
    [{ size_gib: 5, filesystem: "ntfs" }, "volume.filesystem"],
    [{ size_gib: 5, name: "data" }, "volume.name"],
    ["50", "volume"],
  ] as const) {
    const { status, body } = await of("c", { volume: wrong });
    expect([status, body.errors.map((it: { path: string }) => it.path)], JSON.stringify(wrong)).toEqual([422, [path]]);
  }
});

test("a region without volumes takes no deployment with one", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const entry = (kind: "region" | "size" | "image", slug: string, data: object) =>
    api.db
      .insertInto("catalogue")
      .values({ kind, slug, data: JSON.stringify({ slug, ...data }) })
      .execute();
  await entry("region", "syd1", { available: true, features: ["backups", "ipv6"] });
  await entry("size", "s-1vcpu-1gb", { price_monthly: 6 });
  await entry("image", "ubuntu-24-04-x64", {});
  const asked = deploymentOf(tenant.id, { size_slug: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", volume });
  const refused = await api.call("POST", "/v1/deployments", asked);
  expect(refused.body.errors).toEqual([{ path: "volume", message: "region syd1 offers no volumes" }]);
  await api.db
    .updateTable("catalogue")
    .set({ data: JSON.stringify({ slug: "syd1", features: ["storage"] }) })
    .where("kind", "=", "region")
    .execute();
  expect((await api.call("POST", "/v1/deployments", asked)).body).toMatchObject({ volume, monthly_usd: 11 });
  await api.call("PATCH", `/v1/tenants/${tenant.id}`, { quota: { max_monthly_usd: 21 } });
  const another = await api.call("POST", "/v1/deployments", { ...asked, name: "b", hostname: "b.example.com" });
  expect([another.status, another.body.detail]).toEqual([422, expect.stringContaining("it spends $11 a month")]);
});

test("the volume goes with its deployment only when that is said, and its last snapshot is kept", async () => {
  await using api = await startApi();
  const { url, name, id } = await active(api);
  const shown = { ...volume, provider_id: "506f78a4", name };
  expect((await api.call("GET", url)).body.volume).toEqual(shown);
  expect((await api.call("GET", "/v1/deployments")).body.items[0].volume).toEqual(shown);
  const goes = (await api.call("GET", `${url}/removal`)).body;
  expect(goes.volume).toEqual({ provider_id: "506f78a4", name, size_gib: 50, snapshot_usd_at_most: 3 });

  const refused = await api.call("DELETE", url);
  expect([refused.status, refused.body.code]).toEqual([409, "volume_would_be_lost"]);
  for (const said of [name, "50 GiB", "delete_volume=true", "7 days"]) expect(refused.body.detail).toContain(said);
  expect((await api.call("GET", url)).body.status).toBe("active");
  for (const wrong of ["keep_snapshot_days=", "keep_snapshot_days=366", "keep_snapshot_days=-1", "delete_volume=yes"])
    expect((await api.call("DELETE", `${url}?delete_volume=true&${wrong}`)).status, wrong).toBe(422);

  expect((await api.call("DELETE", `${url}?delete_volume=true&keep_snapshot_days=30`)).status).toBe(202);
  const { saga } = (await api.call("GET", url)).body;
  expect(saga.steps.map((it: { name: string }) => it.name).slice(-3)).toEqual([
    "snapshot_volume",
    "delete_volume",
    "terminate_deployment",
  ]);
  const row = await api.db.selectFrom("sagas").select("input").where("id", "=", saga.id).executeTakeFirstOrThrow();
  expect(row.input).toMatchObject({ volume: { provider_id: "506f78a4", keep_snapshot_days: 30 } });
  const held = await api.db.selectFrom("provider_resources").selectAll().where("deployment_id", "=", id).execute();
  expect(held.map((it) => [it.kind, it.step, it.saga_id])).toEqual([["volume", "delete_volume", saga.id]]);
});

test("told not to, it keeps no snapshot", async () => {
  await using api = await startApi();
  const { url } = await active(api);
  await api.call("DELETE", `${url}?delete_volume=true&keep_snapshot_days=0`);
  const steps = (await api.call("GET", url)).body.saga.steps.map((it: { name: string }) => it.name);
  expect(steps).toContain("delete_volume");
  expect(steps).not.toContain("snapshot_volume");
});

test("a deployment that is asked for with preview=true is told, with its faults, and not written", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const preview = (changes: object, query = "preview=true", token?: string) =>
    api.call("POST", `/v1/deployments?${query}`, deploymentOf(tenant.id, { ...changes }), token ? { token } : {});
  const told = await preview({ volume, health_check: { protocol: "http", port: 80 } });
  expect([told.status, told.body]).toEqual([
    200,
    {
      hostname: "app.example.com",
      region: "syd1",
      size_slug: "s-1vcpu-512mb-10gb",
      image: "ubuntu-24-04-x64",
      monthly_usd: null,
      does: [
        "It is only recorded: nothing of this is made until it is provisioned",
        "A volume of 50 GiB (xfs) is made in syd1",
        "A droplet is made: ubuntu-24-04-x64, s-1vcpu-512mb-10gb, syd1",
        "It has to answer its health check before anybody is led there",
        "An A record of app.example.com is made that leads to it",
      ],
    },
  ]);
  const faulty = await preview({ hostname: "not a name" });
  expect([faulty.status, faulty.body.errors]).toMatchObject([422, [{ path: "hostname" }]]);
  expect((await preview({ hostname: "not a name" }, "preview=perhaps")).status).toBe(422);
  expect((await preview({}, "preview=perhaps")).status).toBe(422);
  expect((await preview({}, "preview=true", (await api.newToken("viewer", tenant.id)).secret)).status).toBe(403);
  expect(await api.db.selectFrom("deployments").select("id").execute()).toEqual([]);
  expect((await preview({}, "preview=false")).status).toBe(201);
});
