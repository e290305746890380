import { expect, test, vi } from "vitest";
import { conditionsOf } from "#deployments/conditions.ts";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  addressRecords,
  cancelSaga,
  deploy,
  type Deployed,
  ended,
  makeRelease,
  notesOf,
  operate,
  replaceable,
  resourceOf,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1, ttl: 30 };
const soon = { bake_seconds: 1, discard_disk: false };

async function active(stack: Stack): Promise<Deployed> {
  await makeRelease(stack, "v3");
  return (await replaceable(stack, { volumeGib: 10 })).deployment;
}

const plan = (stack: Stack, { id: deploymentId }: Deployed, body: object) =>
  stack.db
    .transaction()
    .execute((tx) => stack.sagas.planOperation(tx, { name: "replace", deploymentId }, { ...soon, ...body }));

const replace = (stack: Stack, it: Deployed, body: object): Promise<string> =>
  operate(stack, it, "replace", { ...soon, ...body });

/** Of the tries that its steps have made so far. */
const errorsOf = async (stack: Stack, sagaId: string): Promise<string> =>
  JSON.stringify(await stack.db.selectFrom("saga_steps").select("error").where("saga_id", "=", sagaId).execute());

test("the new droplet takes the volume over, which nobody has to give up, and how long that took is told", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = stack.truth();
  const { preview, keepsDisk } = await plan(stack, it, { release: "v2" });
  expect(keepsDisk).toBe(true);
  expect(preview.interruption).toContain("while its volume is moved, two minutes or so");
  expect(preview.steps.slice(4, 7)).toEqual(["bring_old_power_off", "snapshot_volume", "move_volume"]);
  const id = await replace(stack, it, { release: "v2" });
  const saga = await ended(stack, id, 120_000);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  const { droplets, volumes, volume_snapshots: snapshots, requests } = stack.truth();
  console.log(`replace with a volume: ${requests.total - before.requests.total} requests`);
  const [fresh] = droplets;
  expect(droplets).toHaveLength(1);
  expect(fresh?.id).not.toBe(before.droplets[0]?.id);
  expect(volumes).toEqual([{ ...before.volumes[0], droplet_id: fresh?.id }]);
  expect(snapshots).toMatchObject([{ volume_id: volumes[0]?.id }]);
  expect(addressRecords(stack)).toMatchObject([{ data: fresh?.public_ipv4 }]);
  expect(await resourceOf(stack, it.id)).toMatchObject({ provider_id: fresh?.id });
  expect((await notesOf(stack, id)).join("\n")).toMatch(/was down for \d+ s, while its volume was moved/);
  expect((await plan(stack, it, {})).preview.interruption).toMatch(/about \d+ s, as the last time/);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test.each(["never well", "sick", "cancelled"])("%s, the old droplet has it again and serves", async (how) => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = { droplets: stack.truth().droplets, volumes: stack.truth().volumes, records: addressRecords(stack) };
  if (how === "never well") await stack.control("POST", "apps", { release: "v2", state: "never" });
  const id = await replace(stack, it, { release: "v2", bake_seconds: 600 });
  if (how !== "never well") await stepIs(stack, id, "bake", "waiting");
  if (how === "sick") await stack.control("POST", "apps", { release: "v2", state: "sick" });
  if (how === "cancelled") await cancelSaga(stack, id);
  expect((await ended(stack, id, 150_000)).status).toBe("rolled_back");
  expect(stack.truth().droplets).toEqual(before.droplets);
  expect(stack.truth().volumes).toEqual(before.volumes);
  expect(addressRecords(stack)).toEqual(before.records);
  // What the new one wrote is on the volume: what was there before is kept.
  expect(stack.truth().volume_snapshots).toHaveLength(1);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a release that does not say rollback_safe keeps the volume that its app has started with, until it is well", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const { preview } = await plan(stack, it, { release: "v3" });
  expect(preview.does.at(-1)).toContain("Until the volume is moved a failure, or a cancel, leads");
  expect(preview.cannot_undo[0]).toContain("release v3 does not say rollback_safe");
  expect((await plan(stack, it, { release: "v2" })).preview.cannot_undo.join()).not.toContain("rollback_safe");
  const [old] = stack.truth().droplets;
  await stack.control("POST", "apps", { release: "v3", state: "never" });
  const id = await replace(stack, it, { release: "v3" });
  await stepIs(stack, id, "wait_new_droplet_healthy", "waiting");
  const row = await stack.db.selectFrom("sagas").select("pivot").where("id", "=", id).executeTakeFirstOrThrow();
  expect(row.pivot).toBe(preview.steps.indexOf("move_volume"));
  await expect(cancelSaga(stack, id)).rejects.toMatchObject({ code: "not_cancellable" });
  // Longer than its health check gives it.
  await until("it to be overdue", async () => (await errorsOf(stack, id)).includes("droplet_unhealthy"), 60_000);
  const unhealthy = async (): Promise<boolean> =>
    ((await conditionsOf(stack.db, [it.id])).get(it.id) ?? []).some(({ code }) => code === "unhealthy");
  await stack.requestChore("probes");
  await until("a human to be called", unhealthy);
  const [volume] = stack.truth().volumes;
  expect(volume?.droplet_id).not.toBe(old?.id);
  expect(await stack.db.selectFrom("sagas").select("direction").where("id", "=", id).executeTakeFirst()).toEqual({
    direction: "forward",
  });
  await stack.control("POST", "apps", { release: "v3", state: "well" });
  const saga = await ended(stack, id, 120_000);
  expect(saga.status).toBe("completed");
  await stack.requestChore("probes");
  await until("all to be well", async () => !(await unhealthy()));
  expect(stack.truth().droplets).toMatchObject([{ id: volume?.droplet_id }]);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("before the volume is moved a failure goes back, whatever the release says", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = { droplets: stack.truth().droplets, volumes: stack.truth().volumes, records: addressRecords(stack) };
  await stack.arm({ method: "POST", path: "/v2/volumes/.*/snapshots$", kind: "status", status: 422, times: 1 });
  const id = await replace(stack, it, { release: "v3" });
  expect((await ended(stack, id, 150_000)).status).toBe("rolled_back");
  expect(stack.truth().droplets).toEqual(before.droplets);
  expect(stack.truth().volumes).toEqual(before.volumes);
  expect(addressRecords(stack)).toEqual(before.records);
});

test("an old droplet that somebody turns on during the bake is turned off again", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const [old] = stack.truth().droplets;
  const id = await replace(stack, it, { release: "v2", bake_seconds: 600 });
  await stepIs(stack, id, "bake", "waiting");
  await stack.provider("POST", `/v2/droplets/${old?.id}/actions`, { type: "power_on" });
  const isOn = async () => stack.truth().droplets.find((droplet) => droplet.id === old?.id)?.status === "active";
  await until("it to be on", isOn);
  await until("it to be off again", async () => !(await isOn()));
  await cancelSaga(stack, id);
  expect((await ended(stack, id, 150_000)).status).toBe("rolled_back");
  expect(stack.truth().volumes).toMatchObject([{ droplet_id: old?.id }]);
});

test("a deployment without a volume does not get one by a release that says so", async () => {
  await using stack = await startStack({ timing });
  await makeRelease(stack, "v1");
  const it = await deploy(stack, { release: "v1" });
  await ended(stack, it.sagaId);
  await stack.db
    .updateTable("releases")
    .set({ volume: JSON.stringify({ size_gib: 5, filesystem: "ext4" }) })
    .execute();
  await expect(plan(stack, it, { discard_disk: true })).rejects.toMatchObject({ faults: [{ path: "release" }] });
});
