import { expect, test, vi } from "vitest";
import { provisionDeployment } from "#sagas/provision-deployment.ts";
import { startStack } from "#test/stack.ts";
import { deleteDeployment, deploy, deploymentOf, ended, resourceOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

test("a deployment is provisioned as one saga: droplet, inventory, DNS, active", async () => {
  await using stack = await startStack();
  const deployed = await deploy(stack);
  const saga = await ended(stack, deployed.sagaId);

  expect(saga.status).toBe("completed");
  expect(new Set(Object.values(saga.steps))).toEqual(new Set(["completed"]));
  const deployment = await deploymentOf(stack, deployed.id);
  expect(deployment).toMatchObject({ status: "active", reason: null });
  const [droplet] = stack.truth().droplets;
  const { id: install } = await stack.db.selectFrom("installation").select("id").executeTakeFirstOrThrow();
  expect(new Set(droplet?.tags)).toEqual(
    new Set([`arcadia-install-${install}`, `arcadia-saga-${saga.id}`, "managed-by-arcadia-cloud"]),
  );
  expect(await resourceOf(stack, deployed.id)).toMatchObject({
    provider_id: droplet?.id,
    tenant_id: deployed.tenantId,
    managed: true,
    status: "active",
    public_ipv4: droplet?.public_ipv4,
  });
  const spec = await stack.db.selectFrom("cloud_provisioned").selectAll().executeTakeFirstOrThrow();
  expect(spec).toMatchObject({ size_slug: "s-1vcpu-512mb-10gb", region: "syd1", saga_id: saga.id });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("the zone's own name can be a hostname, and its other records stay", async () => {
  await using stack = await startStack();
  const apex = () => stack.truth().domains[0]?.records.filter((record) => record.name === "@") ?? [];
  const before = apex();
  const { id, sagaId } = await deploy(stack, { hostname: "example.com", by: "admin" });
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(apex().find((record) => record.type === "A")?.data).toBe(stack.truth().droplets[0]?.public_ipv4);
  expect(await stack.brokenInvariants()).toEqual([]);
  await deleteDeployment(stack, id);
  await ended(stack, (await deploymentOf(stack, id)).saga_id ?? "");
  expect(apex()).toEqual(before);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a saga's history has every change of it and of its steps, in order and without a gap", async () => {
  await using stack = await startStack();
  const { sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  const events = await stack.db
    .selectFrom("saga_events")
    .selectAll()
    .where("saga_id", "=", sagaId)
    .orderBy("sequence")
    .execute();
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
  const told = events.map(({ type, data }) => {
    const { name, status } = data as { name?: string; status: string };
    return type === "saga" ? status : `${name}: ${status}`;
  });
  // Told of the saga, and of the step that waits, in turn: it waits, it runs on.
  for (const subject of ["", "wait_droplet_active: "]) {
    const turns = told.filter((it) => it === `${subject}running` || it === `${subject}waiting`);
    expect(turns).toEqual(turns.map((_, index) => `${subject}${index % 2 === 0 ? "running" : "waiting"}`));
    expect(turns.length).toBeGreaterThan(2);
  }
  expect([...new Set(told)].filter((it) => !it.endsWith("waiting"))).toEqual([
    "pending",
    "running",
    ...provisionDeployment
      .plan({ health_check: null, volume: null, reserved_ip: false } as never)
      .steps.flatMap(({ name }) => [`${name}: running`, `${name}: completed`]),
    "completed",
  ]);
});
