import { describe, expect, test, vi } from "vitest";
import { type Stack, startStack, until } from "#test/stack.ts";
import { deleteDeployment, deploy, deploymentOf, ended, sagaOf, stepIs, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const zonePath = "/v2/domains/example.com";
const hostname = "app.acme.example.com";

async function addRecord(stack: Stack, type: string, name: string, data: string): Promise<void> {
  const answer = await stack.provider("POST", `${zonePath}/records`, { type, name, data, ttl: 600 });
  expect(answer.status).toBe(201);
  stack.rememberRecords();
}

const zoneRemoved = async (stack: Stack) => expect((await stack.provider("DELETE", zonePath)).status).toBe(204);

describe.concurrent("a name that the world asks for elsewhere", () => {
  test.for([
    ["NS", "acme", "ns1.elsewhere.net."],
    ["NS", "app.acme", "ns1.elsewhere.net."],
    ["NS", "ACME", "ns1.elsewhere.net."],
  ] as const)("by %s %s is refused, with replace_dns too, and nothing is made", async ([type, name, data]) => {
    await using stack = await startStack({ simulator: { calm: true } });
    await addRecord(stack, type, name, data);
    const deployed = await deploy(stack, { hostname, replaceDns: true });
    const saga = await ended(stack, deployed.sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "dns_conflict" } });
    expect((await deploymentOf(stack, deployed.id)).reason).toContain("led elsewhere by the NS record");
    expect(stack.truth().created_total).toBe(0);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("while it is being made: it is not activated", async () => {
    await using stack = await startStack({ simulator: { calm: true, bootMs: 1500 } });
    const deployed = await deploy(stack, { hostname });
    await stepIs(stack, deployed.sagaId, "wait_droplet_active", "waiting");
    await addRecord(stack, "NS", "acme", "ns1.elsewhere.net.");
    const saga = await ended(stack, deployed.sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "dns_conflict" } });
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("is not what stands beside it, below it, or for names without a record of their own", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    for (const [type, name, data] of [
      ["NS", "other", "ns1.elsewhere.net."],
      ["NS", "deep.app.acme", "ns1.elsewhere.net."],
      ["NS", "pp.acme", "ns1.elsewhere.net."],
      ["CNAME", "acme", "elsewhere.net."],
      ["CNAME", "*.acme", "elsewhere.net."],
      ["A", "*", "203.0.113.5"],
      ["TXT", "app.acme", "hello"],
    ] as const)
      await addRecord(stack, type, name, data);
    const deployed = await deploy(stack, { hostname });
    expect((await ended(stack, deployed.sagaId)).status).toBe("completed");
  });
});

describe.concurrent("a zone that was removed from the account", () => {
  test("does not hold up a removal: after two looks the droplet goes", async () => {
    await using stack = await startStack();
    const deployed = await deploy(stack, { hostname });
    expect((await ended(stack, deployed.sagaId)).status).toBe("completed");
    await zoneRemoved(stack);
    stack.rememberRecords();
    await deleteDeployment(stack, deployed.id);
    const down = (await deploymentOf(stack, deployed.id)).saga_id ?? "";
    expect((await ended(stack, down)).status).toBe("completed");
    expect(stack.truth().droplets).toEqual([]);
    expect((await deploymentOf(stack, deployed.id)).status).toBe("terminated");
    const looks = stack.truth().requests.by_route;
    expect(looks["GET /v2/domains/{name}"]).toBeGreaterThanOrEqual(2);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("is not believed gone while the account cannot be seen to be ours", async () => {
    await using stack = await startStack({ timing: { compensate: 600 } });
    const deployed = await deploy(stack, { hostname });
    await ended(stack, deployed.sagaId);
    const account = { uuid: "9c3d0d37-5a2c-4f5a-8f0e-0f6f9a1b2c3d", status: "active" };
    const body = { account };
    await stack.arm({ method: "GET", path: "^/v2/account$", kind: "status", status: 200, times: 99_999, body });
    await zoneRemoved(stack);
    await deleteDeployment(stack, deployed.id);
    const down = (await deploymentOf(stack, deployed.id)).saga_id ?? "";
    await until("a few tries", async () => {
      const step = (await stepsOf(stack, down)).find((it) => it.name === "remove_deployment_dns");
      return (step?.attempts ?? 0) > 1 || (await sagaOf(stack, down)).status === "stuck";
    });
    expect(stack.truth().droplets).toHaveLength(1);
    await stack.disarm();
  });

  test.for(["before", "meanwhile"] as const)("%s provisioning: it fails clearly, and nothing is left", async (when) => {
    await using stack = await startStack({ simulator: { bootMs: 1500, calm: true } });
    if (when === "before") await zoneRemoved(stack);
    const deployed = await deploy(stack, { hostname });
    if (when === "meanwhile") {
      await stepIs(stack, deployed.sagaId, "wait_droplet_active", "waiting");
      await zoneRemoved(stack);
    }
    stack.rememberRecords();
    const saga = await ended(stack, deployed.sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "zone_missing" } });
    expect((saga.error as { message: string }).message).toContain("does not have the zone example.com");
    expect(stack.truth().droplets).toEqual([]);
    expect(stack.truth().created_total).toBe(when === "before" ? 0 : 1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("during the rollback: it goes on to the end", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    await stack.pool.query(`create function guard() returns trigger language plpgsql as
      'begin perform pg_sleep(2); return null; end'`);
    await stack.pool.query(`create trigger guard before update on deployments for each row
      when (new.status = 'active') execute function guard()`);
    const deployed = await deploy(stack, { hostname });
    await stepIs(stack, deployed.sagaId, "point_deployment_dns", "completed");
    await zoneRemoved(stack);
    stack.rememberRecords();
    expect((await ended(stack, deployed.sagaId)).status).toBe("rolled_back");
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
