import { expect, test } from "vitest";
import { type Api, deploymentOf, startApi } from "#test/api.ts";
import { dispatch } from "#webhooks/dispatch.ts";

/** Deployments that are served, without anything at a provider. */
async function fleet(api: Api, size: number, tenant?: string): Promise<string[]> {
  const owner = tenant ?? (await api.newTenant("acme")).id;
  const ids: string[] = [];
  for (let nth = 0; nth < size; nth += 1)
    ids.push(
      (
        await api.call(
          "POST",
          "/v1/deployments",
          deploymentOf(owner, { hostname: `h${nth}.${owner.slice(-6)}.example.com` }),
        )
      ).body.id,
    );
  await api.db.updateTable("deployments").set({ status: "active" }).execute();
  return ids;
}

const statuses = async (api: Api, path: string): Promise<string[]> =>
  (await api.call("GET", `${path}?limit=100`)).body.items.map(({ status }: { status: string }) => status);
const counted = (all: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(all, (it) => it)].map(([status, them]) => [status, them.length]));

test("an operator's token that destroys everything in a loop gets ten; the rest is held, and comes back", async () => {
  await using api = await startApi();
  const ids = await fleet(api, 25);
  await api.call("POST", "/v1/webhooks", { url: "https://hooks.example.com/a", events: ["breaker.tripped"] });
  const operator = { token: (await api.newToken("operator")).secret };
  // Many at once: they are counted one after the other all the same.
  const answers = await Promise.all(ids.map((id) => api.call("DELETE", `/v1/deployments/${id}`, undefined, operator)));
  expect(counted(answers.map(({ status }) => `${status}`))).toEqual({ 202: 25 });
  expect(counted(await statuses(api, "/v1/sagas"))).toEqual({ pending: 10, held: 15 });
  const told = await api.db.selectFrom("webhook_messages").select("type").where("type", "like", "breaker.%").execute();
  expect(told).toHaveLength(1);
  const held = (await api.call("GET", "/v1/sagas?status=held&limit=100")).body.items;
  expect(held[0]).toMatchObject({ name: "deprovision_deployment", waiting_for: expect.stringContaining("an admin") });
  expect(held[0].steps.every((step: { status: string }) => step.status === "pending")).toBe(true);
  // No worker ever looks at them.
  const due = await api.db.selectFrom("sagas").select("id").where("due_at", "is not", null).execute();
  expect(due).toHaveLength(10);

  const [first, second] = held;
  const release = (id: string, token?: object) => api.call("POST", `/v1/sagas/${id}/release-hold`, undefined, token);
  expect(await release(first.id, operator)).toMatchObject({ status: 403 });
  // The same as asking once, and no way round.
  expect((await api.call("DELETE", `/v1/deployments/${first.deployment_id}`, undefined, operator)).status).toBe(202);
  expect(await release(first.id)).toMatchObject({ status: 202, body: { status: "pending", waiting_for: null } });
  expect(await release(first.id)).toMatchObject({ status: 409, body: { code: "not_held" } });

  await api.call("PATCH", `/v1/deployments/${second.deployment_id}`, { protected: true });
  expect(await release(second.id)).toMatchObject({ status: 409, body: { code: "deployment_protected" } });
  const cancelled = await api.call("POST", `/v1/sagas/${second.id}/cancel`, { reason: "not meant" });
  expect(cancelled).toMatchObject({ status: 202, body: { status: "rolled_back", cancel_reason: "not meant" } });
  for (const { deployment_id: id } of held.slice(2))
    expect((await api.call("POST", `/v1/deployments/${id}/cancel`, undefined, operator)).body.status).toBe("active");
  expect(counted(await statuses(api, "/v1/deployments"))).toEqual({ active: 14, deprovisioning: 11 });
  // What was held was not counted, and neither was what an admin let go; an hour later all may begin again.
  await api.db
    .updateTable("destroys")
    .set({ begun_at: [new Date(Date.now() - 3_601_000)] })
    .execute();
  await api.call("DELETE", `/v1/deployments/${held[2].deployment_id}`, undefined, operator);
  expect((await api.call("GET", `/v1/deployments/${held[2].deployment_id}`)).body.saga.status).toBe("pending");
});

test("a tenth of a large fleet may go in an hour", async () => {
  await using api = await startApi();
  const ids = await fleet(api, 125);
  for (const id of ids.slice(0, 14)) await api.call("DELETE", `/v1/deployments/${id}`);
  expect(counted(await statuses(api, "/v1/sagas"))).toEqual({ pending: 12, held: 2 });
});

test("what a tenant destroys holds its own, nothing of another tenant's, and counts for whoever is no tenant's", async () => {
  await using api = await startApi({ destroysPerHour: 2 });
  const tenants = [await api.newTenant("acme"), await api.newTenant("beta"), await api.newTenant("other")];
  const [acmes, betas, others] = await Promise.all(
    tenants.map(async ({ id }) => ({
      ids: await fleet(api, 3, id),
      token: (await api.newToken("operator", id)).secret,
    })),
  );
  if (!acmes || !betas || !others) throw new Error("There are three");
  const remove = async (ids: readonly string[], options?: object) => {
    for (const id of ids) await api.call("DELETE", `/v1/deployments/${id}`, undefined, options);
    return Promise.all(ids.map(async (id) => (await api.call("GET", `/v1/deployments/${id}`)).body.saga.status));
  };
  expect(await remove(acmes.ids, { token: acmes.token })).toEqual(["pending", "pending", "held"]);
  expect(await remove(betas.ids.slice(0, 1), { token: betas.token })).toEqual(["pending"]);
  // Together they are as many as may be.
  expect(await remove(others.ids.slice(0, 1))).toEqual(["held"]);
  expect(await remove(others.ids.slice(1), { token: others.token })).toEqual(["pending", "pending"]);
});

test("a tenant's webhooks are told that its own breaker has tripped, and of nobody else's", async () => {
  await using api = await startApi({ destroysPerHour: 1 });
  const [acme, beta] = [(await api.newTenant("acme")).id, (await api.newTenant("beta")).id];
  const [acmes, betas] = [await fleet(api, 4, acme), await fleet(api, 3, beta)];
  const hook = (tenant_id?: string) =>
    api.call("POST", "/v1/webhooks", { url: "https://hooks.example.com/a", events: ["breaker.tripped"], tenant_id });
  const [all, ofAcme, ofBeta] = [await hook(), await hook(acme), await hook(beta)].map(({ body }) => body.id);
  const remove = async (ids: readonly string[], token?: string) => {
    for (const id of ids) await api.call("DELETE", `/v1/deployments/${id}`, undefined, token ? { token } : {});
  };
  const told = async () => {
    await dispatch(api.db, 1, async () => undefined);
    const rows = await api.db.selectFrom("webhook_deliveries").select("webhook_id").execute();
    return rows.map(({ webhook_id: id }) => id).toSorted((a, b) => a.localeCompare(b));
  };
  // What anybody else destroys is the installation's: no tenant is told of its breaker.
  await remove(acmes.slice(0, 2));
  expect(await told()).toEqual([all]);
  await remove(betas, (await api.newToken("operator", beta)).secret);
  expect(await told()).toEqual([all, all, ofBeta].toSorted((a, b) => a.localeCompare(b)));
  expect(await told()).not.toContain(ofAcme);
});

test("a droplet without a deployment is counted, and begins to be ours to destroy when it is let go", async () => {
  await using api = await startApi({ destroysPerHour: 0 });
  const asked = await api.call("DELETE", "/v1/droplets/4711?unmanaged=true");
  expect(asked).toMatchObject({ status: 202, body: { saga: { name: "destroy_droplet", status: "held" } } });
  const rows = () => api.db.selectFrom("provider_resources").select(["provider_id", "origin"]).execute();
  expect(await rows()).toEqual([]);
  await api.call("POST", `/v1/sagas/${asked.body.saga.id}/release-hold`);
  expect(await rows()).toEqual([{ provider_id: "4711", origin: "taken_over" }]);
});
