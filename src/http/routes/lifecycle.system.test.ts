import { expect, test } from "vitest";
import { provision } from "#operations/provision-deployment.ts";
import { type Api, deploymentOf, startApi } from "#test/api.ts";

type Status = "pending" | "provisioning" | "active" | "deprovisioning" | "terminated" | "cancelled";

/** A deployment in a status, with the saga that such a one has; set in the tables, since no worker runs here. */
async function deploymentIn(api: Api, status: Status, sagaStatus?: "stuck") {
  const slug = `t-${Math.random().toString(36).slice(2)}`;
  const tenant = await api.newTenant(slug);
  const asked = deploymentOf(tenant.id, { hostname: `${slug}.example.com`, provision: status !== "pending" });
  const { body } = await api.call("POST", "/v1/deployments", asked);
  const ended = { active: "completed", cancelled: "rolled_back", terminated: "completed" } as const;
  if (status === "active" || status === "cancelled" || status === "terminated") {
    await api.db.updateTable("sagas").set({ status: ended[status] }).where("deployment_id", "=", body.id).execute();
    await api.db.updateTable("deployments").set({ status }).where("id", "=", body.id).execute();
  }
  if (status === "deprovisioning") {
    await api.db.updateTable("sagas").set({ status: "completed" }).where("deployment_id", "=", body.id).execute();
    await api.db.updateTable("deployments").set({ status: "active" }).where("id", "=", body.id).execute();
    await api.call("DELETE", `/v1/deployments/${body.id}`);
  }
  if (sagaStatus)
    await api.db
      .updateTable("sagas")
      .set({ status: sagaStatus, direction: "back" })
      .where("deployment_id", "=", body.id)
      .where("status", "not in", ["completed", "rolled_back"])
      .execute();
  return `/v1/deployments/${body.id}`;
}

test.each([
  ["provision", "pending", 202, "provisioning"],
  ["provision", "provisioning", 409, "illegal_transition"],
  ["provision", "active", 409, "illegal_transition"],
  ["provision", "deprovisioning", 409, "illegal_transition"],
  ["provision", "cancelled", 202, "provisioning"],
  ["provision", "terminated", 409, "illegal_transition"],
  ["cancel", "pending", 409, "illegal_transition"],
  ["cancel", "provisioning", 202, "provisioning"],
  ["cancel", "active", 409, "illegal_transition"],
  ["cancel", "deprovisioning", 409, "not_cancellable"],
  ["cancel", "cancelled", 409, "illegal_transition"],
  ["cancel", "terminated", 409, "illegal_transition"],
  ["delete", "pending", 202, "terminated"],
  ["delete", "provisioning", 202, "provisioning"],
  ["delete", "active", 202, "deprovisioning"],
  ["delete", "deprovisioning", 202, "deprovisioning"],
  ["delete", "cancelled", 202, "terminated"],
  ["delete", "terminated", 409, "already_terminated"],
] as const)("%s of a deployment that is %s: %i %s", async (wish, from, status, outcome) => {
  await using api = await startApi();
  const url = await deploymentIn(api, from);
  const before = (await api.call("GET", url)).body;

  const answer = wish === "delete" ? await api.call("DELETE", url) : await api.call("POST", `${url}/${wish}`);

  const shown = (await api.call("GET", url)).body;
  expect(answer.status).toBe(status);
  if (status === 202) {
    expect(answer.body).toEqual(shown);
    expect(shown.status).toBe(outcome);
  } else {
    expect(answer.body.code).toBe(outcome);
    expect(shown).toEqual(before);
  }
});

test("delete while provisioning cancels the saga and asks for the end; twice is the same as once", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "provisioning");
  const first = (await api.call("DELETE", url)).body;
  expect(first.delete_requested_at).not.toBeNull();
  expect(first.saga.cancel_requested_at).not.toBeNull();
  const second = (await api.call("DELETE", url)).body;
  expect([second.delete_requested_at, second.saga.id]).toEqual([first.delete_requested_at, first.saga.id]);
});

test.each(["provisioning", "deprovisioning"] as const)(
  "cancel of one that is %s and stuck says what to do",
  async (from) => {
    await using api = await startApi();
    const url = await deploymentIn(api, from, "stuck");
    const { status, body } = await api.call("POST", `${url}/cancel`);
    expect([status, body.code]).toEqual([409, "not_cancellable"]);
    expect(body.detail).toContain("retry or resolve it");
  },
);

test("delete while deprovisioning answers with the same saga; a stuck one is run on", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "deprovisioning", "stuck");
  const before = (await api.call("GET", url)).body.saga;
  const after = (await api.call("DELETE", url)).body.saga;
  expect([before.status, after.status, after.id]).toEqual(["stuck", "compensating", before.id]);
});

test("delete of one whose rollback is stuck runs it on", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "provisioning", "stuck");
  const { status, body } = await api.call("DELETE", url);
  expect([status, body.saga.status, body.delete_requested_at === null]).toEqual([202, "compensating", false]);
});

test("a cancelled deployment whose hostname was taken meanwhile is a 409, and stays cancelled", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "cancelled");
  const { hostname } = (await api.call("GET", url)).body;
  const tenant = await api.newTenant("rival");
  expect((await api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { hostname }))).status).toBe(201);

  const { status, body } = await api.call("POST", `${url}/provision`);

  expect([status, body.code]).toEqual([409, "hostname_in_use"]);
  expect((await api.call("GET", url)).body.status).toBe("cancelled");
});

test("two deployments race for one hostname: one is made, the other is a 422 at `hostname`", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => api.call("POST", "/v1/deployments", deploymentOf(tenant.id, { provision: true }))),
  );
  expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
  const refused = answers.filter((answer) => answer.status === 422);
  expect(refused.map((answer) => answer.body.errors[0].path)).toEqual(Array.from({ length: 5 }, () => "hostname"));
});

test("cancel, delete and provision at the same time never fail otherwise than with a 409", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "pending");
  const wishes = Array.from({ length: 8 }, () => [
    api.call("POST", `${url}/provision`),
    api.call("POST", `${url}/cancel`),
    api.call("DELETE", url),
  ]).flat();
  const statuses = new Set((await Promise.all(wishes)).map((answer) => answer.status));
  expect([...statuses].filter((status) => status !== 202 && status !== 409)).toEqual([]);
});

test("a tenant with live deployments stays; then it goes, its slug is free, its history stays", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "cancelled");
  const { tenant_id: tenantId, id } = (await api.call("GET", url)).body;
  const { slug } = (await api.call("GET", `/v1/tenants/${tenantId}`)).body;
  const { secret: token } = await api.newToken("viewer", tenantId);
  await api.call("POST", `${url}/provision`);
  expect((await api.call("DELETE", `/v1/tenants/${tenantId}`)).body.code).toBe("tenant_in_use");

  await api.db.updateTable("sagas").set({ status: "rolled_back" }).execute();
  await api.db.updateTable("deployments").set({ status: "cancelled" }).where("id", "=", id).execute();
  expect((await api.call("DELETE", `/v1/tenants/${tenantId}`)).status).toBe(204);
  expect((await api.call("GET", `/v1/tenants/${tenantId}`)).status).toBe(404);
  expect((await api.call("GET", url)).body.status).toBe("terminated");
  expect((await api.call("GET", url, undefined, { token })).body.code).toBe("revoked_token");
  expect((await api.call("POST", "/v1/tenants", { slug, name: "again" })).status).toBe(201);
});

test("a tenant is not deleted while one of its deployments comes back to life", async () => {
  await using api = await startApi();
  const url = await deploymentIn(api, "cancelled");
  const { id, tenant_id: tenantId } = (await api.call("GET", url)).body;
  let deleting = api.call("GET", url);
  await api.db.transaction().execute(async (tx) => {
    await provision(tx, api.sagas, id, { tenantId: null, now: new Date(), zone: api.zone, by: "admin" });
    deleting = api.call("DELETE", `/v1/tenants/${tenantId}`);
    // Long enough for it to come as far as it gets before this transaction commits.
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  expect((await deleting).body.code).toBe("tenant_in_use");
  expect((await api.call("GET", `/v1/tenants/${tenantId}`)).status).toBe(200);
});
