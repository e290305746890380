import { expect, test, vi } from "vitest";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  addressRecords,
  type Deployed,
  deploymentOf,
  ended,
  operate,
  replaceable,
  resourceOf,
  stepIs,
} from "#test/stack-deployments.ts";

// What somebody else does to a droplet, or to its record, while something is asked of its deployment.

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1, gone: 1.5 };
const replacing = { bake_seconds: 600, discard_disk: true, release: "v2" };

const active = async (stack: Stack): Promise<Deployed> => (await replaceable(stack)).deployment;

/** A deployment whose replacement bakes, with what there was before, and the new droplet. */
async function baking(stack: Stack, body: object = {}) {
  const it = await active(stack);
  const before = { droplets: stack.truth().droplets, records: addressRecords(stack) };
  const sagaId = await operate(stack, it, "replace", { ...replacing, ...body });
  await stepIs(stack, sagaId, "bake", "waiting");
  const [old] = before.droplets;
  const fresh = stack.truth().droplets.find(({ id }) => id !== old?.id);
  if (!old || !fresh) throw new Error("There are not two droplets");
  return { it, before, sagaId, old, fresh };
}

const actOn = (stack: Stack, id: number, action: object) =>
  stack.provider("POST", `/v2/droplets/${id}/actions`, action);

test.each(["destroyed", "turned off"])(
  "a new droplet that is %s while it bakes: the old one serves on",
  async (how) => {
    await using stack = await startStack({ timing });
    const { it, before, sagaId, fresh } = await baking(stack);
    if (how === "destroyed") await stack.provider("DELETE", `/v2/droplets/${fresh.id}`);
    else await actOn(stack, fresh.id, { type: "power_off" });
    const saga = await ended(stack, sagaId, 120_000);
    expect(saga.status).toBe("rolled_back");
    expect(stack.truth().droplets).toEqual(before.droplets);
    expect(addressRecords(stack)).toEqual(before.records);
    expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: before.droplets[0]?.id });
    expect(await deploymentOf(stack, it.id)).toMatchObject({ status: "active", release: "v1" });
    expect(await stack.brokenInvariants()).toEqual([]);
  },
);

test("an old droplet that is destroyed while the new one bakes leaves the new one in its place", async () => {
  await using stack = await startStack({ timing });
  const { it, sagaId, old, fresh } = await baking(stack, { bake_seconds: 3 });
  await stack.provider("DELETE", `/v2/droplets/${old.id}`);
  expect((await ended(stack, sagaId, 120_000)).status).toBe("completed");
  expect(stack.truth().droplets.map(({ id }) => id)).toEqual([fresh.id]);
  expect(addressRecords(stack)).toMatchObject([{ data: fresh.public_ipv4 }]);
  expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: fresh.id });
  expect(await deploymentOf(stack, it.id)).toMatchObject({ status: "active", release: "v2" });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a record that somebody leads elsewhere while the new droplet bakes is left to them, and the old droplet is kept", async () => {
  await using stack = await startStack({ timing });
  const { it, before, sagaId, old } = await baking(stack, { bake_seconds: 3 });
  const [record] = addressRecords(stack);
  await stack.provider("PATCH", `/v2/domains/example.com/records/${record?.id}`, { type: "A", data: "203.0.113.99" });
  const saga = await ended(stack, sagaId, 120_000);
  expect(saga).toMatchObject({ status: "rolled_back", error: { code: "dns_conflict" } });
  expect(addressRecords(stack)).toMatchObject([{ id: before.records[0]?.id, data: "203.0.113.99" }]);
  expect(stack.truth().droplets.map(({ id }) => id)).toEqual([old.id]);
  expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: old.id });
});

test.each(["renamed", "without its tags"])("a droplet that is %s is still ours, and is turned off", async (how) => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const [droplet] = stack.truth().droplets;
  const id = droplet?.id ?? 0;
  if (how === "renamed") {
    await actOn(stack, id, { type: "rename", name: "theirs" });
    await until("its name", async () => stack.truth().droplets[0]?.name === "theirs");
  } else
    for (const tag of droplet?.tags ?? [])
      await stack.provider("DELETE", `/v2/tags/${tag}/resources`, {
        resources: [{ resource_id: `${id}`, resource_type: "droplet" }],
      });
  expect((await ended(stack, await operate(stack, it, "suspend"))).status).toBe("completed");
  expect(stack.truth().droplets).toMatchObject([{ id, status: "off" }]);
});

test("a droplet that DigitalOcean has locked for a while is waited for", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const body = { id: "unprocessable_entity", message: "Droplet already has a pending event." };
  await stack.arm({ method: "POST", path: "/actions$", kind: "status", status: 422, body, times: 3 });
  expect((await ended(stack, await operate(stack, it, "suspend"))).status).toBe("completed");
  expect(stack.truth().droplets).toMatchObject([{ status: "off" }]);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a droplet that was turned off by somebody is resized all the same, and is on then", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const [droplet] = stack.truth().droplets;
  await actOn(stack, droplet?.id ?? 0, { type: "power_off" });
  await until("it to be off", async () => stack.truth().droplets[0]?.status === "off");
  expect((await ended(stack, await operate(stack, it, "resize", { size_slug: "s-1vcpu-1gb" }))).status).toBe(
    "completed",
  );
  expect(stack.truth().droplets).toMatchObject([{ status: "active", size_slug: "s-1vcpu-1gb" }]);
  expect(await stack.brokenInvariants()).toEqual([]);
});
