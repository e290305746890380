import { expect, test } from "vitest";
import { startStack } from "#test/stack.ts";
import { deploy, deploymentOf, ended, resourceOf } from "#test/stack-deployments.ts";

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
