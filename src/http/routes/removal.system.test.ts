import { expect, test } from "vitest";
import { recordSightings } from "#inventory/sightings.ts";
import { handleOf } from "#resources/kinds/droplet-handle.ts";
import { holdDroplet, holdRecord } from "#test/ledger.ts";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

const none = { dns_records: [], reserved_ips: [], volume: null, tags: [] };
const nothing = { droplet: null, ...none, uncertain: false, reason: null };

async function begin(api: Api, provision: boolean) {
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision }));
  const removal = async () => (await api.call("GET", `/v1/deployments/${body.id}/removal`)).body;
  const owner = { deployment_id: body.id, tenant_id: tenant.id };
  return { deployment: body, tenant, owner, removal };
}

const sighting = {
  name: "app",
  status: "active",
  region: "syd1",
  size_slug: "s",
  image: null,
  disk: null,
  tags: [],
  volume_ids: [],
  created_at: null,
};

test("of a deployment that was never provisioned nothing is removed", async () => {
  await using api = await startApi();
  const { removal } = await begin(api, false);
  expect(await removal()).toEqual(nothing);
});

test("while a saga makes it, what it has asked for is told, and that there may be more", async () => {
  await using api = await startApi();
  const { removal, owner, deployment } = await begin(api, true);
  const saga = deployment.saga.id;
  const { name, tag } = handleOf(saga, "app");
  expect(await removal()).toEqual({ ...nothing, uncertain: true, reason: expect.stringContaining(saga) });

  const refused = await holdDroplet(api, saga, "app", owner);
  expect(await removal()).toMatchObject({
    droplet: { provider_id: null, name, public_ipv4: null },
    tags: [tag],
    uncertain: true,
    reason: expect.stringContaining("does not know its id yet"),
  });

  await refused({ phase: "refused" });
  expect(await removal()).toMatchObject({ droplet: null, tags: [] });

  await holdDroplet(api, saga, "app", { ...owner, phase: "there", provider_id: "7" });
  await recordSightings(api.db, [{ ...sighting, id: 7, public_ipv4: "192.0.2.7" }], new Date());
  const record = await holdRecord(api, saga, "app", "192.0.2.7", owner);
  expect(await removal()).toMatchObject({
    droplet: { provider_id: 7, name, public_ipv4: "192.0.2.7" },
    dns_records: [{ id: null, type: "A", name: "app.example.com", data: "192.0.2.7" }],
    uncertain: true,
  });

  await record({ phase: "absent" });
  await api.db.updateTable("sagas").set({ direction: "back", status: "compensating" }).execute();
  expect(await removal()).toMatchObject({
    droplet: { provider_id: 7 },
    dns_records: [],
    reason: expect.stringContaining("is undoing it already"),
  });

  await api.db.updateTable("sagas").set({ status: "rolled_back" }).execute();
  await api.db.updateTable("provider_resources").set({ phase: "gone" }).execute();
  expect(await removal()).toEqual(nothing);
});

test("of an active one it is the droplet of the inventory, the record that is ours, and the tag", async () => {
  await using api = await startApi();
  const { removal, deployment, tenant, owner } = await begin(api, true);
  const now = new Date();
  const saga = deployment.saga.id;
  await api.db.updateTable("sagas").set({ status: "completed" }).execute();
  await api.db
    .insertInto("cloud_resources")
    .values({
      id: api.ids.uuid(),
      provider_id: 42,
      name: "app-0123",
      status: "active",
      region: "syd1",
      image: null,
      size_slug: "s-1vcpu-1gb",
      public_ipv4: "192.0.2.1",
      managed: true,
      registered_by: saga,
      linked_by: saga,
      deployment_id: deployment.id,
      tenant_id: tenant.id,
      first_seen_at: now,
      last_seen_at: now,
    })
    .execute();
  const there = { ...owner, phase: "there" } as const;
  await holdDroplet(api, saga, "app", { ...there, provider_id: "42" });
  await holdRecord(api, saga, "app", "192.0.2.1", { ...there, provider_id: "9" });
  expect(await removal()).toEqual({
    droplet: { provider_id: 42, name: handleOf(saga, "app").name, public_ipv4: "192.0.2.1" },
    dns_records: [{ id: 9, type: "A", name: "app.example.com", data: "192.0.2.1", zone: "example.com", ttl: 300 }],
    reserved_ips: [],
    volume: null,
    tags: [`arcadia-saga-${saga}`],
    uncertain: false,
    reason: null,
  });
  await api.db.updateTable("cloud_resources").set({ destroyed_by: saga, deleted_at: now }).execute();
  await api.db.updateTable("provider_resources").set({ phase: "gone" }).execute();
  expect(await removal()).toEqual(nothing);
});
