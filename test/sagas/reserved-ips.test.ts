import { expect, test, vi } from "vitest";
import { reservedIpsOf } from "#deployments/reserved-ips.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  healthCheck,
  resourceOf,
  retrySaga,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1 };
const asked = { reservedIp: true, healthCheck };

const records = (stack: Stack) =>
  stack
    .truth()
    .domains.flatMap((domain) => domain.records)
    .filter(({ type }) => type === "A");

/** As a person reserves one at DigitalOcean, in the droplets' region. */
const reserveByHand = (stack: Stack, region: string) => stack.provider("POST", "/v2/reserved_ips", { region });

test("the hostname leads to a reserved IP, which leads to the droplet; both are gone with the deployment", async () => {
  await using stack = await startStack({ timing });
  const it = await deploy(stack, asked);
  const saga = await ended(stack, it.sagaId);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  const { droplets, reserved_ips } = stack.truth();
  const ip = (await reservedIpsOf(stack.db, [it.id])).get(it.id);
  expect(reserved_ips).toEqual([{ ip, region: "syd1", droplet_id: droplets[0]?.id }]);
  expect(records(stack)).toMatchObject([{ data: ip }]);
  // The provider lists it as one more public address of the droplet: that is not its own.
  expect(await resourceOf(stack, it.id)).toMatchObject({ public_ipv4: droplets[0]?.public_ipv4 });
  expect(await stack.brokenInvariants()).toEqual([]);

  await deleteDeployment(stack, it.id);
  await until(
    "the deployment to be terminated",
    async () => (await deploymentOf(stack, it.id)).status === "terminated",
  );
  expect(stack.truth()).toMatchObject({ droplets: [], reserved_ips: [] });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a rollback gives back the one that it reserved", async () => {
  await using stack = await startStack({ timing });
  await stack.arm({ method: "POST", path: "/records$", kind: "status", status: 422, times: 1000 });
  const it = await deploy(stack, asked);
  const saga = await ended(stack, it.sagaId, 60_000);
  expect(saga).toMatchObject({
    status: "rolled_back",
    steps: { reserve_ip: "compensated", assign_reserved_ip: "compensated" },
  });
  expect(stack.truth()).toMatchObject({ droplets: [], reserved_ips: [] });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("what an unclear create has reserved is found again, by where and when it was, and is not reserved twice", async () => {
  await using stack = await startStack({ timing });
  await reserveByHand(stack, "nyc1");
  await stack.arm({ method: "POST", path: "^/v2/reserved_ips$", kind: "reset", after_commit: true });
  const it = await deploy(stack, asked);
  expect((await ended(stack, it.sagaId)).status).toBe("completed");
  expect(stack.truth().reserved_ips).toMatchObject([
    { region: "nyc1", droplet_id: null },
    { region: "syd1", droplet_id: stack.truth().droplets[0]?.id },
  ]);
});

test("which of two is ours cannot be told: none is taken, none is released, and a human is called", async () => {
  await using stack = await startStack({ timing: { ...timing, compensate: 2 } });
  await stack.arm({ method: "POST", path: "^/v2/reserved_ips$", kind: "reset", after_commit: true });
  const it = await deploy(stack, asked);
  await stepIs(stack, it.sagaId, "reserve_ip", "waiting");
  await reserveByHand(stack, "syd1");
  const saga = await ended(stack, it.sagaId);
  expect(saga).toMatchObject({ status: "stuck", stuck_error: { code: "reserved_ip_ambiguous" } });
  expect(stack.truth().reserved_ips).toHaveLength(2);
  const held = await stack.db.selectFrom("provider_resources").selectAll().where("kind", "=", reservedIpKind).execute();
  expect(held.map(({ phase, provider_id: id }) => [phase, id])).toEqual([["sending", null]]);

  // What the person knows to be theirs leads somewhere, or is gone: then it can be told.
  await stack.provider("DELETE", `/v2/reserved_ips/${stack.truth().reserved_ips[1]?.ip}`);
  await retrySaga(stack, it.sagaId);
  expect((await ended(stack, it.sagaId)).status).toBe("rolled_back");
  expect(stack.truth().reserved_ips).toEqual([]);
});
