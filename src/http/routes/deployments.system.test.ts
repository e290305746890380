import { expect, test } from "vitest";
import { deploymentOf, startApi } from "#test/api.ts";

test("a deployment is created pending, provisioned, and shows its saga and steps", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");

  const created = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id));
  expect(created.status).toBe(201);
  expect(created.headers.location).toBe(`/v1/deployments/${created.body.id}`);
  expect(created.body).toMatchObject({ status: "pending", saga: null, resource: null, hostname: "app.example.com" });

  const provisioned = await api.call("POST", `/v1/deployments/${created.body.id}/provision`);
  expect(provisioned.status).toBe(202);
  const shown = await api.call("GET", `/v1/deployments/${created.body.id}`);
  expect(shown.body).toEqual(provisioned.body);
  expect(shown.body).toMatchObject({
    status: "provisioning",
    saga: {
      name: "provision_deployment",
      status: "pending",
      waiting_for: null,
      error: null,
      steps: [
        { name: "mark_deployment_provisioning", status: "pending", attempts: 0 },
        { name: "create_droplet" },
        { name: "wait_droplet_active" },
        { name: "register_droplet" },
        { name: "link_deployment_resource" },
        { name: "point_deployment_dns" },
        { name: "activate_deployment" },
      ],
    },
  });
});

test("provision: true answers 202 with the saga at once, and normalises what it was given", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const asked = deploymentOf(tenant.id, { provision: true, hostname: "App.EXAMPLE.com.", image: 4711 });

  const { status, body } = await api.call("POST", "/v1/deployments", asked);

  expect(status).toBe(202);
  expect(body).toMatchObject({ status: "provisioning", hostname: "app.example.com", image: 4711 });
  expect(body.saga.name).toBe("provision_deployment");
});

test("a deployment whose zone is no longer the configured one is not provisioned", async () => {
  await using api = await startApi();
  const tenant = await api.newTenant("acme");
  const { body } = await api.call("POST", "/v1/deployments", deploymentOf(tenant.id));
  for (const zone of [undefined, "example.org"]) {
    await using later = await startApi({ db: api.db, zone });
    const { secret: token } = await api.newToken("admin");
    const answer = await later.call("POST", `/v1/deployments/${body.id}/provision`, undefined, { token });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, "hostname"]);
  }
  expect((await api.call("GET", `/v1/deployments/${body.id}`)).body.status).toBe("pending");
});

test("a preview with a new tenant writes none, and is for those who may make one", async () => {
  await using api = await startApi();
  const acme = (await api.newTenant("acme")).id;
  const preview = (query: string, options?: object) =>
    api.call("POST", `/v1/deployments?${query}`, deploymentOf(acme), options);
  const told = await preview("preview=true&new_tenant=fresh");
  expect(told).toMatchObject({ status: 200, body: { does: expect.arrayContaining(["Tenant fresh is made"]) } });
  expect((await api.call("GET", "/v1/tenants?slug=fresh")).body.items).toEqual([]);
  expect(await preview("preview=true&new_tenant=acme")).toMatchObject({
    status: 422,
    body: { errors: [{ path: "slug" }] },
  });
  expect((await preview("new_tenant=fresh")).status).toBe(422);
  expect((await preview("preview=true&new_tenant=A!")).status).toBe(422);
  const bound = { token: (await api.newToken("operator", acme)).secret };
  expect(await preview("preview=true&new_tenant=fresh", bound)).toMatchObject({ status: 403 });
});
