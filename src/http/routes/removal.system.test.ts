import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

const nothing = { droplet: null, dns_records: [], tags: [], uncertain: false, reason: null };

async function begin(api: Api, provision: boolean) {
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision }));
  const step = (name: string, change: { intent?: object; output?: object; status?: "completed" | "compensated" }) =>
    api.db
      .updateTable("saga_steps")
      .set({
        ...(change.intent && { intent: JSON.stringify(change.intent) }),
        ...(change.output && { output: JSON.stringify(change.output) }),
        ...(change.status && { status: change.status }),
      })
      .where("saga_id", "=", body.saga.id)
      .where("name", "=", name)
      .execute();
  const removal = async () => (await api.call("GET", `/v1/deployments/${body.id}/removal`)).body;
  return { deployment: body, tenant, step, removal };
}

const sending = { phase: "sending", empty_looks: 0 };
const handle = { tag: "arcadia-saga-1", name: "app-0123" };

test("of a deployment that was never provisioned nothing is removed", async () => {
  await using api = await startApi();
  const { removal } = await begin(api, false);
  expect(await removal()).toEqual(nothing);
});

test("while a saga makes it, what it has asked for is told, and that there may be more", async () => {
  await using api = await startApi();
  const { removal, step, deployment } = await begin(api, true);
  expect(await removal()).toEqual({ ...nothing, uncertain: true, reason: expect.stringContaining(deployment.saga.id) });

  await step("create_droplet", { intent: { handle, sending, droplet_ids: [], removal: null } });
  expect(await removal()).toMatchObject({
    droplet: { provider_id: null, name: "app-0123", public_ipv4: null },
    tags: ["arcadia-saga-1"],
    uncertain: true,
    reason: expect.stringContaining("does not know its id yet"),
  });

  await step("create_droplet", { intent: { handle, sending: { ...sending, phase: "refused" }, droplet_ids: [] } });
  expect(await removal()).toMatchObject({ droplet: null, tags: [] });

  await step("create_droplet", { intent: { handle, sending, droplet_ids: [] }, output: { droplet_id: 7 } });
  await step("wait_droplet_active", { output: { droplet_public_ip: "192.0.2.7" } });
  await step("point_deployment_dns", { intent: { hostname: "app.example.com", ip: "192.0.2.7" } });
  expect(await removal()).toMatchObject({
    droplet: { provider_id: 7, name: "app-0123", public_ipv4: "192.0.2.7" },
    dns_records: [{ id: null, type: "A", name: "app.example.com", data: "192.0.2.7" }],
    uncertain: true,
  });

  await step("point_deployment_dns", { status: "compensated" });
  await api.db.updateTable("sagas").set({ direction: "back", status: "compensating" }).execute();
  expect(await removal()).toMatchObject({
    droplet: { provider_id: 7 },
    dns_records: [],
    reason: expect.stringContaining("is undoing it already"),
  });

  await api.db.updateTable("sagas").set({ status: "rolled_back" }).execute();
  expect(await removal()).toEqual(nothing);
});

test("of an active one it is the droplet of the inventory, the record that is ours, and the tag", async () => {
  await using api = await startApi();
  const { removal, deployment, tenant } = await begin(api, true);
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
  const record = { zone: "example.com", record_id: 9, name: "app", data: "192.0.2.1", deployment_id: deployment.id };
  await api.db
    .insertInto("dns_records")
    .values({ ...record, saga_id: saga, created_at: now })
    .execute();
  expect(await removal()).toEqual({
    droplet: { provider_id: 42, name: "app-0123", public_ipv4: "192.0.2.1" },
    dns_records: [{ id: 9, type: "A", name: "app.example.com", data: "192.0.2.1" }],
    tags: [`arcadia-saga-${saga}`],
    uncertain: false,
    reason: null,
  });
  await api.db.updateTable("cloud_resources").set({ destroyed_by: saga, deleted_at: now }).execute();
  await api.db.updateTable("dns_records").set({ released_at: now }).execute();
  expect(await removal()).toEqual(nothing);
});
