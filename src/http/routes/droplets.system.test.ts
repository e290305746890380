import { expect, test } from "vitest";
import { recordSightings } from "#inventory/sightings.ts";
import { handleOf } from "#resources/kinds/droplet-handle.ts";
import { holdDroplet } from "#test/ledger.ts";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

const asked = { name: "db-1", region: "syd1", size_slug: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };

async function droplet(api: Api, providerId: number, changes: object = {}) {
  const row = {
    id: api.ids.uuid(),
    provider_id: providerId,
    name: `d${providerId}`,
    status: "active",
    region: "syd1",
    size_slug: "s-1vcpu-512mb-10gb",
    managed: true,
    first_seen_at: new Date(),
    last_seen_at: new Date(),
    ...changes,
  };
  await api.db.insertInto("cloud_resources").values(row).execute();
  return `/v1/droplets/${providerId}`;
}

const sighted = (api: Api, id: number, tags: string[]) => {
  const seen = {
    id,
    name: `d${id}`,
    status: "active",
    region: "syd1",
    size_slug: "s",
    image: null,
    disk: null,
    tags,
    volume_ids: [],
  };
  return recordSightings(api.db, [{ ...seen, public_ipv4: null, created_at: null }], new Date());
};

test("a droplet is made by a saga; its user_data is sealed at once and comes back nowhere", async () => {
  await using api = await startApi();
  const { status, headers, body } = await api.call("POST", "/v1/droplets", { ...asked, user_data: "planted-secret" });
  expect(status).toBe(202);
  expect(body.saga).toMatchObject({ name: "provision_droplet", status: "pending", deployment_id: null });
  expect(headers.location).toBe(`/v1/sagas/${body.saga.id}`);
  const sealed = await api.db.selectFrom("sealed_user_data").selectAll().executeTakeFirstOrThrow();
  expect(sealed.owner_id).toBe(body.saga.id);
  expect(api.secrets.open(sealed.sealed, "droplet:db-1")).toBe("planted-secret");
  expect(sealed.sealed.toString("latin1")).not.toContain("planted");
  expect((await api.call("POST", "/v1/droplets", { ...asked, tenant_id: "x" })).status).toBe(422);
});

test("its saga names the droplet and what it leaves once a step has said so, and nothing when it has ended", async () => {
  await using api = await startApi();
  const { id } = (await api.call("POST", "/v1/droplets", asked)).body.saga;
  const shown = async () => (await api.call("GET", `/v1/sagas/${id}`)).body;
  expect(await shown()).toMatchObject({ provider_id: null, leaves: { droplets: [], dns_records: [] } });
  const change = await holdDroplet(api, id, "db-1");
  const { name } = handleOf(id, "db-1");
  expect(await shown()).toMatchObject({ provider_id: null, leaves: { droplets: [{ provider_id: null, name }] } });
  await change({ phase: "there", provider_id: "7" });
  expect(await shown()).toMatchObject({ provider_id: 7, leaves: { droplets: [{ provider_id: 7, name }] } });
  await change({ phase: "gone" });
  expect((await shown()).leaves.droplets).toEqual([]);
  await api.db.updateTable("sagas").set({ status: "rolled_back" }).execute();
  expect(await shown()).toMatchObject({ provider_id: 7, leaves: null });
});

test("a managed droplet that nobody owns is destroyed, once", async () => {
  await using api = await startApi();
  const url = await droplet(api, 7);
  const { status, body } = await api.call("DELETE", url);
  expect([status, body.saga.name, body.saga.provider_id]).toEqual([202, "destroy_droplet", 7]);
  const again = await api.call("DELETE", url);
  expect([again.status, again.body.code]).toEqual([409, "droplet_in_use"]);
});

test("eight at once: one saga", async () => {
  await using api = await startApi();
  const url = await droplet(api, 7);
  const answers = await Promise.all(Array.from({ length: 8 }, () => api.call("DELETE", url)));
  expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
  expect(answers.filter((answer) => answer.body.code === "droplet_in_use")).toHaveLength(7);
});

test("an unknown one is a 404, a deleted one a 409", async () => {
  await using api = await startApi();
  expect((await api.call("DELETE", "/v1/droplets/99")).status).toBe(404);
  const { body } = await api.call("DELETE", await droplet(api, 8, { deleted_at: new Date() }));
  expect(body.code).toBe("droplet_deleted");
});

test("one that a deployment or a live saga owns is a 409", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }));
  const saga = body.saga.id;
  const owned = [{ deployment_id: body.id }, { registered_by: saga }, { tags: [`arcadia-saga-${saga}`] }];
  for (const [index, changes] of owned.entries()) {
    const answer = await api.call("DELETE", await droplet(api, 10 + index, changes));
    expect([answer.status, answer.body.code]).toEqual([409, "droplet_in_use"]);
  }
  await api.db.updateTable("sagas").set({ status: "rolled_back" }).execute();
  await api.db.updateTable("deployments").set({ status: "cancelled" }).execute();
  for (const index of owned.keys()) expect((await api.call("DELETE", `/v1/droplets/${10 + index}`)).status).toBe(202);
});

test("one that a live saga makes is a 409 before the inventory has it, whichever way the saga knows it", async () => {
  await using api = await startApi();
  const { id } = (await api.call("POST", "/v1/droplets", asked)).body.saga;
  const answered = async () => {
    const [plain, forced] = [
      await api.call("DELETE", "/v1/droplets/77"),
      await api.call("DELETE", "/v1/droplets/77?unmanaged=true"),
    ];
    expect(forced.body.code).toBe(plain.body.code);
    return plain.body;
  };
  const change = await holdDroplet(api, id, "db-1", { phase: "there", provider_id: "77" });
  expect(await answered()).toMatchObject({ code: "droplet_in_use", detail: expect.stringContaining(id) });
  await change({ phase: "removing", surplus: true });
  expect((await answered()).code).toBe("droplet_in_use");
  await change({ phase: "gone" });
  await sighted(api, 77, [`arcadia-saga-${id}`]);
  expect((await answered()).code).toBe("droplet_in_use");
  await api.db.updateTable("sagas").set({ status: "rolled_back" }).execute();
  expect((await api.call("DELETE", "/v1/droplets/77")).body.code).toBe("droplet_unmanaged");
});

test("one that only a look has seen is destroyed as what it is; one that nobody has seen takes an admin", async () => {
  await using api = await startApi();
  const install = api.ids.uuid();
  await api.db.insertInto("installation").values({ id: install, created_at: new Date() }).execute();
  const { secret: token } = await api.newToken("operator");
  await sighted(api, 81, [`arcadia-install-${install}`]);
  await sighted(api, 82, ["somebody-else"]);
  const ours = await api.call("DELETE", "/v1/droplets/81", undefined, { token });
  expect([ours.status, ours.body.saga.provider_id]).toEqual([202, 81]);
  expect((await api.call("DELETE", "/v1/droplets/82", undefined, { token })).body.code).toBe("droplet_unmanaged");
  expect((await api.call("DELETE", "/v1/droplets/82?unmanaged=true")).status).toBe(202);
  expect((await api.call("DELETE", "/v1/droplets/83", undefined, { token })).status).toBe(404);
  expect((await api.call("DELETE", "/v1/droplets/83")).status).toBe(404);
  expect((await api.call("DELETE", "/v1/droplets/83?unmanaged=true")).status).toBe(202);
  const inputs = await api.db.selectFrom("sagas").select("input").orderBy("provider_id").execute();
  expect(inputs.map(({ input }) => input)).toMatchObject([
    { provider_id: 81, name: "d81", unmanaged: false },
    { provider_id: 82, name: "d82", unmanaged: true },
    { provider_id: 83, name: null, unmanaged: true },
  ]);
});

test("one that was not made here takes an admin and unmanaged=true", async () => {
  await using api = await startApi();
  const url = await droplet(api, 9, { managed: false });
  const { secret: token } = await api.newToken("operator");
  expect((await api.call("DELETE", url, undefined, { token })).body.code).toBe("droplet_unmanaged");
  expect((await api.call("DELETE", `${url}?unmanaged=true`, undefined, { token })).body.code).toBe("forbidden");
  expect((await api.call("DELETE", url)).body.code).toBe("droplet_unmanaged");
  expect((await api.call("DELETE", `${url}?unmanaged=true`)).status).toBe(202);
});
