import { expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until, zone } from "#test/stack.ts";
import {
  addressRecords,
  cancelDeployment,
  cancelSaga,
  deploy,
  ended,
  holdAt,
  notesOf,
  operate,
  replaceable,
  stepIs,
} from "#test/stack-deployments.ts";

vi.setConfig({ testTimeout: 170_000 });

const timing = { poll: 0.3, settle: 1, gone: 2 };
const soon = { bake_seconds: 600, release: "v2" };

const write = (stack: Stack, id: number | undefined, name: string | undefined, data: string | null | undefined) =>
  stack.provider("PUT", `/v2/domains/${zone}/records/${id}`, { type: "A", name, data, ttl: 30 });

/** What would be looked at later is looked at now. */
async function recheck({ pool, requestChore }: Stack): Promise<void> {
  for (const table of ["provider_resources", "provider_changes"])
    await pool.query(`update ${table} set recheck_at = now() where recheck_at is not null`);
  await requestChore("recheck");
}

test("a record is led back that a change of ours leads elsewhere long after it was given up on", async () => {
  await using stack = await startStack({ timing });
  const { deployment, old } = await replaceable(stack);
  await stack.arm({ method: "PUT", path: String.raw`/records/\d+$`, kind: "reset", times: 10 });
  const saga = await operate(stack, deployment, "replace", { ...soon, discard_disk: true });
  await stepIs(stack, saga, "point_deployment_dns", "waiting");
  const fresh = stack.truth().droplets.find(({ id }) => id !== old.id);
  await cancelSaga(stack, saga);
  expect((await ended(stack, saga, 120_000)).status).toBe("rolled_back");
  await stack.disarm();
  const [record] = addressRecords(stack);
  await write(stack, record?.id, record?.name, fresh?.public_ipv4);
  await recheck(stack);
  await until("the record to lead back", async () => addressRecords(stack)[0]?.data === old.public_ipv4);
});

test("a record that its owner has back is led back to where he had it", async () => {
  await using stack = await startStack({ timing });
  const before = { type: "A", name: "shop", data: "203.0.113.9", ttl: 300 };
  await stack.provider("POST", `/v2/domains/${zone}/records`, before);
  await pause(500);
  await stack.arm({ method: "PUT", path: String.raw`/records/\d+$`, kind: "reset", times: 10 });
  const { id, sagaId } = await deploy(stack, { hostname: `shop.${zone}`, replaceDns: true });
  await stepIs(stack, sagaId, "point_deployment_dns", "waiting");
  const [made] = stack.truth().droplets;
  await cancelDeployment(stack, id);
  expect((await ended(stack, sagaId, 60_000)).status).toBe("rolled_back");
  await stack.disarm();
  const [record] = addressRecords(stack);
  await write(stack, record?.id, "shop", made?.public_ipv4);
  await recheck(stack);
  await until("the record to lead back", async () => addressRecords(stack)[0]?.data === before.data);
  expect(addressRecords(stack)).toMatchObject([before]);
});

test("a record of ours that comes late is removed, and not taken over by the next deployment", async () => {
  await using stack = await startStack({ timing });
  await stack.arm({ method: "POST", path: "/records$", kind: "reset", times: 50 });
  const first = await deploy(stack, { hostname: `shop.${zone}` });
  await stepIs(stack, first.sagaId, "point_deployment_dns", "waiting");
  const [gone] = stack.truth().droplets;
  await cancelDeployment(stack, first.id);
  expect((await ended(stack, first.sagaId)).status).toBe("rolled_back");
  await stack.disarm();
  const late = { type: "A", name: "shop", data: gone?.public_ipv4, ttl: 30 };
  await stack.provider("POST", `/v2/domains/${zone}/records`, late);
  await pause(500);
  const release = await holdAt(stack, "activate_deployment");
  const next = await deploy(stack, { hostname: `shop.${zone}`, replaceDns: true });
  await until("the late one to be removed", async () => {
    await stack.requestChore("recheck");
    return addressRecords(stack).every(({ data }) => data !== late.data);
  });
  await stepIs(stack, next.sagaId, "activate_deployment", "running");
  expect(addressRecords(stack)).toHaveLength(1);
  await cancelSaga(stack, next.sagaId);
  await release();
  await stack.takeOver(next.sagaId);
  expect((await ended(stack, next.sagaId, 60_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toEqual([]);
});

test("a record that a person has made anew is no leftover of a create that was given up", async () => {
  await using stack = await startStack({ timing });
  await stack.arm({ method: "POST", path: "/records$", kind: "reset" });
  const { sagaId } = await deploy(stack);
  expect((await ended(stack, sagaId, 60_000)).status).toBe("completed");
  await stack.disarm();
  // What the first try asked for is still looked for.
  await stack.pool.query(`
    insert into provider_resources select (jsonb_populate_record(it, jsonb_build_object('id', gen_random_uuid(),
      'phase', 'absent', 'provider_id', null, 'recheck_at', now(), 'deployment_id', it.deployment_id))).*
    from provider_resources it where kind = 'dns_record' and phase = 'there'`);
  const [record] = addressRecords(stack);
  await stack.provider("DELETE", `/v2/domains/${zone}/records/${record?.id}`);
  await stack.provider("POST", `/v2/domains/${zone}/records`, {
    type: "A",
    name: record?.name,
    data: record?.data,
    ttl: record?.ttl,
  });
  await pause(1000);
  for (let count = 0; count < 3; count += 1) {
    await recheck(stack);
    await pause(1000);
  }
  expect(addressRecords(stack)).toMatchObject([{ name: record?.name, data: record?.data }]);
});

test("an old droplet that we turn off long after it was given up on is turned on again", async () => {
  await using stack = await startStack({ timing });
  const { deployment, old } = await replaceable(stack, { volumeGib: 10 });
  const saga = await operate(stack, deployment, "replace", { ...soon, discard_disk: false });
  await stepIs(stack, saga, "bake", "waiting");
  const shown = () => stack.truth().droplets.find(({ id }) => id === old.id)?.status;
  await stack.provider("POST", `/v2/droplets/${old.id}/actions`, { type: "power_on" });
  await until("it to be on", async () => shown() === "active");
  await stack.arm({ method: "POST", path: `/droplets/${old.id}/actions$`, kind: "reset" });
  await until("the note", async () =>
    (await notesOf(stack, saga)).some((note) => note.includes("could not be turned off")),
  );
  await cancelSaga(stack, saga);
  expect((await ended(stack, saga, 150_000)).status).toBe("rolled_back");
  await stack.provider("POST", `/v2/droplets/${old.id}/actions`, { type: "power_off" });
  await until("it to be off", async () => shown() === "off");
  await recheck(stack);
  await until("it to be on again", async () => shown() === "active");
});

/** A saga that sends a change of the droplet without an answer, and is cancelled before it looks. */
async function givenUp(stack: Stack, name: "resize" | "rebuild", body: object) {
  const { deployment, old } = await replaceable(stack);
  const step = name === "resize" ? "bring_size" : "bring_image";
  const release = await holdAt(stack, step);
  const saga = await operate(stack, deployment, name, body);
  await stepIs(stack, saga, step, "running");
  await release();
  await stack.arm({ method: "POST", path: `/droplets/${old.id}/actions$`, kind: "reset" });
  await stack.takeOver(saga);
  await stepIs(stack, saga, step, "waiting");
  await cancelSaga(stack, saga);
  expect((await ended(stack, saga, 120_000)).status).toBe("rolled_back");
  await stack.disarm();
  return { deployment, saga, id: old.id };
}

const conditionsOf = async (stack: Stack) =>
  (await stack.db.selectFrom("deployment_conditions").selectAll().where("cleared_at", "is", null).execute()).map(
    ({ code, message, remedy }) => ({ code, message, remedy }),
  );

async function act(stack: Stack, id: number, action: object, isDone: () => boolean): Promise<void> {
  await stack.provider("POST", `/v2/droplets/${id}/actions`, action);
  await until("the action", async () => isDone());
}

test("a resize of ours that takes hold long after it was given up on is told as ours", async () => {
  await using stack = await startStack({ timing });
  const size = "s-1vcpu-1gb";
  const { saga, id } = await givenUp(stack, "resize", { size_slug: size });
  const seen = () => stack.truth().droplets.find((it) => it.id === id);
  await act(stack, id, { type: "power_off" }, () => seen()?.status === "off");
  await act(stack, id, { type: "resize", size, disk: false }, () => seen()?.size_slug === size);
  await act(stack, id, { type: "power_on" }, () => seen()?.status === "active");
  await pause(1500);
  await recheck(stack);
  const told = { code: "drift", message: expect.stringContaining(`for which saga ${saga} asked`) };
  await until("the condition", async () => (await conditionsOf(stack)).length > 0);
  expect(await conditionsOf(stack)).toMatchObject([
    { ...told, remedy: expect.stringContaining("Resize the deployment") },
  ]);
  // Looks that compare it tell the same.
  for (let count = 0; count < 2; count += 1) {
    await stack.requestChore("sync");
    await pause(1500);
  }
  expect(await conditionsOf(stack)).toMatchObject([told]);
  expect(seen()).toMatchObject({ size_slug: size, status: "active" });
});

test("a rebuild of ours that takes hold long after it was given up on is told as ours", async () => {
  await using stack = await startStack({ timing });
  const image = "debian-13-x64";
  const { saga, id } = await givenUp(stack, "rebuild", { image, keep_snapshot_days: 1 });
  const seen = () => stack.truth().droplets.find((it) => it.id === id);
  await act(stack, id, { type: "rebuild", image }, () => seen()?.image === image);
  await pause(1500);
  await recheck(stack);
  await until("the condition", async () => (await conditionsOf(stack)).length > 0);
  expect(await conditionsOf(stack)).toMatchObject([
    {
      code: "drift",
      message: expect.stringContaining(`for which saga ${saga} asked`),
      remedy: expect.stringContaining("Restore the deployment from the snapshot"),
    },
  ]);
});
