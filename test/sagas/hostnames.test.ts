import { expect, test, vi } from "vitest";
import { startStack } from "#test/stack.ts";
import { deploy, deploymentOf, ended } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

test("a name that the tenant lost after its saga was started is given up before anything is made", async () => {
  await using stack = await startStack({ workers: 0 });
  const lost = await deploy(stack);
  const kept = await deploy(stack);
  const hostnames = (tenantId: string, patterns: string[]) =>
    stack.db.updateTable("tenants").set({ hostnames: patterns }).where("id", "=", tenantId).execute();
  await hostnames(lost.tenantId, ["other.example.com"]);
  await hostnames(kept.tenantId, ["*.example.com"]);
  await stack.addWorker();

  expect((await ended(stack, lost.sagaId)).status).toBe("rolled_back");
  const deployment = await deploymentOf(stack, lost.id);
  expect(deployment.status).toBe("cancelled");
  expect(deployment.reason).toContain(`${lost.hostname} is none of the tenant's hostnames: other.example.com`);
  expect((await ended(stack, kept.sagaId)).status).toBe("completed");
  expect(stack.truth().created_total).toBe(1);
  expect(await stack.brokenInvariants()).toEqual([]);
});
