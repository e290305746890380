import { expect, test, vi } from "vitest";
import { openVariables } from "#deployments/variables.ts";
import { type Stack, startStack } from "#test/stack.ts";
import {
  addressRecords,
  cancelSaga,
  type Deployed,
  deploymentOf,
  ended,
  makeRelease,
  operate,
  replaceable,
  resourceOf,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1, ttl: 30 };
const soon = { bake_seconds: 1, discard_disk: true };

/** An active deployment of release v1, beside which there is v2. */
const active = async (stack: Stack): Promise<Deployed> => (await replaceable(stack)).deployment;

test("a new droplet takes the place of the old one, by the same record, and is what was asked for", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const [before] = [addressRecords(stack)];
  const [old] = stack.truth().droplets;
  const requests = stack.truth().requests.total;
  const body = { ...soon, release: "v2", size_slug: "s-1vcpu-1gb", variables: { COLOUR: "green" } };
  const saga = await ended(stack, await operate(stack, it, "replace", body), 120_000);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  const told = stack.truth();
  console.log(`replace: ${told.requests.total - requests} requests`);
  expect(told.droplets).toHaveLength(1);
  const [fresh] = told.droplets;
  expect(fresh).toMatchObject({ size_slug: "s-1vcpu-1gb", status: "active" });
  expect(fresh?.id).not.toBe(old?.id);
  expect(addressRecords(stack)).toEqual([{ ...before[0], data: fresh?.public_ipv4 }]);
  expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: fresh?.id, tenant_id: it.tenantId });
  expect(await deploymentOf(stack, it.id)).toMatchObject({
    status: "active",
    release: "v2",
    size_slug: "s-1vcpu-1gb",
    variable_names: ["COLOUR"],
  });
  expect(await openVariables(stack.db, stack.secrets, it.id)).toEqual({ COLOUR: "green" });
});

test("one whose app does not come up is destroyed again, and nothing else has changed", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = {
    droplets: stack.truth().droplets,
    records: addressRecords(stack),
    row: await deploymentOf(stack, it.id),
  };
  await stack.control("POST", "apps", { release: "v2", state: "never" });
  const saga = await ended(stack, await operate(stack, it, "replace", { ...soon, release: "v2" }), 120_000);
  expect(saga).toMatchObject({ status: "rolled_back", error: { code: "droplet_unhealthy" } });
  expect(stack.truth().droplets).toEqual(before.droplets);
  expect(addressRecords(stack)).toEqual(before.records);
  const { release, size_slug, status } = before.row;
  expect(await deploymentOf(stack, it.id)).toMatchObject({ release, size_slug, status });
});

test.each(["sick", "cancelled"])("%s while it bakes, the hostname leads to the old one again", async (how) => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = { droplets: stack.truth().droplets, records: addressRecords(stack) };
  const id = await operate(stack, it, "replace", { ...soon, bake_seconds: 600, release: "v2" });
  await stepIs(stack, id, "bake", "waiting");
  expect(addressRecords(stack)[0]?.data).not.toBe(before.records[0]?.data);
  if (how === "sick") await stack.control("POST", "apps", { release: "v2", state: "sick" });
  else await cancelSaga(stack, id);
  expect((await ended(stack, id, 120_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toEqual(before.records);
  expect(stack.truth().droplets).toEqual(before.droplets);
  expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: before.droplets[0]?.id });
});

test("a stateless release asks for no leave to lose the disk, and a protected deployment may have one", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  await makeRelease(stack, "stateless", { stateless: true });
  const plan = (body: object) =>
    stack.db
      .transaction()
      .execute((tx) => stack.sagas.planOperation(tx, { name: "replace", deploymentId: it.id }, body));
  await expect(plan({ bake_seconds: 1, discard_disk: false })).rejects.toMatchObject({
    faults: [{ path: "discard_disk" }],
  });
  const asked = { bake_seconds: 1, discard_disk: false, release: "stateless" };
  expect(await plan(asked)).toMatchObject({ keepsDisk: true });
});
