import { expect, test, vi } from "vitest";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { heldOfKind } from "#resources/rows.ts";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import {
  absences,
  conditionsOf,
  dropletOf,
  following,
  parkings,
  sync,
  timing as goneSoon,
} from "#test/stack-conditions.ts";
import {
  addressRecords,
  cancelSaga,
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  healthCheck,
  lookAtReservedIps,
  makeRelease,
  operate,
  resourceOf,
  retrySaga,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1 };
const asked = { reservedIp: true, healthCheck };

/** As a person reserves one at DigitalOcean, in the droplets' region. */
const reserveByHand = (stack: Stack, region: string) => stack.provider("POST", "/v2/reserved_ips", { region });

test("the hostname leads to a reserved IP, which leads to the droplet; both are gone with the deployment", async () => {
  await using stack = await startStack({ timing });
  const it = await deploy(stack, asked);
  const saga = await ended(stack, it.sagaId);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  const { droplets, reserved_ips } = stack.truth();
  const ip = (await heldOfKind(stack.db, reservedIpKind, [it.id])).get(it.id)?.provider_id;
  expect(reserved_ips).toEqual([{ ip, region: "syd1", droplet_id: droplets[0]?.id }]);
  expect(addressRecords(stack)).toMatchObject([{ data: ip }]);
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

test("one that somebody has assigned elsewhere drifts, until it leads to its droplet again", async () => {
  await using stack = await startStack({ timing });
  const it = await deploy(stack, asked);
  expect((await ended(stack, it.sagaId)).status).toBe("completed");
  const [reserved] = stack.truth().reserved_ips;
  const other = await deploy(stack);
  expect((await ended(stack, other.sagaId)).status).toBe("completed");
  await pause(1500);
  const act = (body: object) => stack.provider("POST", `/v2/reserved_ips/${reserved?.ip}/actions`, body);
  const drifts = async () => (await conditionsOf(stack, it)).filter(({ code }) => code === "drift");
  await act({ type: "unassign" });
  await lookAtReservedIps(stack);
  expect(await drifts()).toEqual([]);
  await lookAtReservedIps(stack);
  expect(await drifts()).toMatchObject([
    { message: expect.stringContaining(`${reserved?.ip} of ${it.hostname} leads to nothing`) },
  ]);
  await act({ type: "assign", droplet_id: reserved?.droplet_id });
  await until("it to lead there", async () => stack.truth().reserved_ips[0]?.droplet_id === reserved?.droplet_id);
  await lookAtReservedIps(stack);
  expect(await drifts()).toEqual([]);
});

test("one that was reserved after it was given up is reported once, and left alone", async () => {
  await using stack = await startStack({ timing });
  const first = await deploy(stack, asked);
  expect((await ended(stack, first.sagaId)).status).toBe("completed");
  // Nothing was made, and nobody says so.
  await stack.arm({ method: "POST", path: "^/v2/reserved_ips$", kind: "reset", times: 1 });
  const it = await deploy(stack, asked);
  expect((await ended(stack, it.sagaId, 60_000)).status).toBe("completed");
  await lookAtReservedIps(stack);
  await reserveByHand(stack, "nyc1");
  await reserveByHand(stack, "syd1");
  const reports = () => stack.logged.filter((line) => line.includes("it may be ours, and is billed"));
  await lookAtReservedIps(stack);
  await lookAtReservedIps(stack);
  const late = stack.truth().reserved_ips.filter((each) => each.droplet_id === null && each.region === "syd1");
  expect(reports()).toMatchObject([expect.stringContaining(late[0]?.ip ?? "none")]);
  expect(late).toHaveLength(1);
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

/** An active one of release v1. */
async function active(stack: Stack) {
  await makeRelease(stack, "v1");
  const it = await deploy(stack, { ...asked, release: "v1" });
  expect((await ended(stack, it.sagaId)).status).toBe("completed");
  await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
  return it;
}

const replace = (stack: Stack, deploymentId: string, bake_seconds: number): Promise<string> =>
  stack.db.transaction().execute(async (tx) => {
    const body = { bake_seconds, discard_disk: true };
    const planned = await stack.sagas.planOperation(tx, { name: "replace", deploymentId }, body);
    expect(planned.preview.does.join()).toContain("$5 a month while it is not");
    return planned.start();
  });

test("a replacement leads the reserved IP to the new droplet, and DNS is not touched", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = { records: addressRecords(stack), ip: stack.truth().reserved_ips[0]?.ip };
  const saga = await ended(stack, await replace(stack, it.id, 1), 60_000);
  expect([saga.status, saga.error, saga.steps.point_deployment_dns]).toEqual(["completed", null, undefined]);
  const { droplets, reserved_ips } = stack.truth();
  expect(droplets).toHaveLength(1);
  expect(reserved_ips).toEqual([{ ip: before.ip, region: "syd1", droplet_id: droplets[0]?.id }]);
  expect(addressRecords(stack)).toEqual(before.records);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("cancelled while it bakes, the reserved IP leads to the old droplet again", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const { droplets, reserved_ips } = stack.truth();
  const id = await replace(stack, it.id, 600);
  await stepIs(stack, id, "bake", "waiting");
  expect(stack.truth().reserved_ips).not.toEqual(reserved_ips);
  await cancelSaga(stack, id);
  expect((await ended(stack, id, 60_000)).status).toBe("rolled_back");
  expect(stack.truth()).toMatchObject({ droplets, reserved_ips });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a droplet that somebody destroyed parks nothing, and a repair leads the same address to the new one", async () => {
  await using stack = await startStack({ timing: { ...timing, ...goneSoon } });
  const it = await active(stack);
  await ended(stack, (await deploy(stack)).sagaId);
  await pause(1300);
  await sync(stack);
  const before = { records: addressRecords(stack), ip: stack.truth().reserved_ips[0]?.ip };
  const { provider_id: id } = await dropletOf(stack, it);
  await stack.provider("DELETE", `/v2/droplets/${id}`);
  await pause(400);
  await sync(stack);
  await following(stack, "the droplet to be proven gone", async () => (await absences(stack))[0]?.proven_at);
  await stack.requestChore("absences");
  await pause(500);
  expect(await parkings(stack)).toEqual([]);
  expect(addressRecords(stack)).toEqual(before.records);
  expect(await conditionsOf(stack, it)).toMatchObject([{ message: expect.stringContaining("costs $5 a month") }]);

  expect((await ended(stack, await operate(stack, it, "repair"), 60_000)).status).toBe("completed");
  const { provider_id: fresh } = (await resourceOf(stack, it.id)) ?? {};
  expect(fresh).not.toBe(id);
  expect(stack.truth().reserved_ips).toEqual([{ ip: before.ip, region: "syd1", droplet_id: fresh }]);
  expect(addressRecords(stack)).toEqual(before.records);
  expect(await conditionsOf(stack, it)).toEqual([]);
});

test("with a reserved IP a droplet is suspended, resized and turned on again like any other", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const { reserved_ips } = stack.truth();
  // Its list of actions has one upon the reserved IP as well.
  for (const [name, body] of [
    ["suspend", {}],
    ["unsuspend", {}],
    ["resize", { size_slug: "s-1vcpu-1gb" }],
  ] as const) {
    const { status, error } = await ended(stack, await operate(stack, it, name, body), 60_000);
    expect([name, status, error]).toEqual([name, "completed", null]);
  }
  expect(stack.truth()).toMatchObject({ reserved_ips, droplets: [{ status: "active", size_slug: "s-1vcpu-1gb" }] });
  expect(await stack.brokenInvariants()).toEqual([]);
});
