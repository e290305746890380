import { expect, test, vi } from "vitest";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  cancelSaga,
  deleteDeployment,
  deploy,
  type Deployed,
  deploymentOf,
  ended,
  operate,
  resourceOf,
  stepIs,
  stepsOf,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1, ttl: 30 };
const volumeGib = 10;

async function active(stack: Stack): Promise<Deployed> {
  const it = await deploy(stack, { volumeGib });
  const saga = await ended(stack, it.sagaId);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
  return it;
}

test("a droplet is made with its volume, which costs one request", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const { droplets, volumes, requests } = stack.truth();
  expect(volumes).toMatchObject([{ size_gib: 10, droplet_id: droplets[0]?.id }]);
  expect(volumes[0]?.name).toMatch(/^app-\d+-[0-9a-f]{18}$/);
  const asked = Object.entries(requests.by_route).filter(([route]) => route.includes("volumes"));
  expect(asked).toEqual([["POST /v2/volumes", 1]]);
  expect((await deploymentOf(stack, it.id)).volume).toEqual({ size_gib: 10, filesystem: "ext4" });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test.each(["cancelled", "refused"])("%s, it leaves neither droplet nor volume", async (how) => {
  await using stack = await startStack({ timing, simulator: { bootMs: 3000 } });
  if (how === "refused") await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422 });
  const it = await deploy(stack, { volumeGib });
  if (how === "cancelled") {
    await stepIs(stack, it.sagaId, "wait_droplet_active", "waiting");
    expect(stack.truth().volumes).toHaveLength(1);
    await cancelSaga(stack, it.sagaId);
  }
  expect((await ended(stack, it.sagaId, 120_000)).status).toBe("rolled_back");
  expect(stack.truth()).toMatchObject({ droplets: [], volumes: [], volume_snapshots: [] });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("terminated, its volume goes after a last snapshot, which goes when it is kept no longer", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  await expect(deleteDeployment(stack, it.id)).rejects.toMatchObject({ code: "volume_would_be_lost" });
  await deleteDeployment(stack, it.id, { deleteVolume: true });
  const saga = await ended(stack, (await deploymentOf(stack, it.id)).saga_id ?? "", 120_000);
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  expect(stack.truth()).toMatchObject({ droplets: [], volumes: [], volume_snapshots: [{}] });
  expect(await stack.brokenInvariants()).toEqual([]);
  await stack.pool.query("update snapshots set expires_at = now()");
  await stack.db.transaction().execute((tx) => stack.sagas.expireSnapshots(tx, 10));
  await until("the snapshot to be gone", async () => stack.truth().volume_snapshots.length === 0);
});

test("rebuilt, it keeps its volume; a snapshot of that is taken before", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = stack.truth().volumes;
  const saga = await ended(
    stack,
    await operate(stack, it, "rebuild", { image: "debian-13-x64", keep_snapshot_days: 3 }),
  );
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  expect(stack.truth().volumes).toEqual(before);
  expect(stack.truth().volume_snapshots).toMatchObject([{ volume_id: before[0]?.id }]);
  const kept = await stack.db.selectFrom("snapshots").select(["kind", "name"]).orderBy("kind").execute();
  expect(kept.map(({ kind }) => kind)).toEqual(["snapshot", "volume_snapshot"]);
  // What is of the volume is no image of a droplet's disk.
  await expect(operate(stack, it, "restore", { snapshot: kept[1]?.name, keep_snapshot_days: 3 })).rejects.toMatchObject(
    {
      faults: [{ path: "snapshot" }],
    },
  );
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("its volume grows while it runs, and never shrinks", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const plan = (body: object) =>
    stack.db
      .transaction()
      .execute((tx) => stack.sagas.planOperation(tx, { name: "resize", deploymentId: it.id }, body));
  for (const volume_gib of [5, 10])
    await expect(plan({ volume_gib })).rejects.toMatchObject({ faults: [{ path: "volume_gib" }] });
  expect((await plan({ volume_gib: 25 })).preview).toMatchObject({
    steps: ["bring_volume_size"],
    interruption: null,
    monthly_usd: { before: 5, after: 6.5 },
  });
  const before = stack.truth();
  const saga = await ended(stack, await operate(stack, it, "resize", { volume_gib: 25 }));
  expect([saga.status, saga.error]).toEqual(["completed", null]);
  expect(stack.truth().volumes).toEqual([{ ...before.volumes[0], size_gib: 25 }]);
  expect(stack.truth().droplets).toEqual(before.droplets);
  expect((await deploymentOf(stack, it.id)).volume).toEqual({ size_gib: 25, filesystem: "ext4" });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a volume that the provider does not let grow stays as it is, and so does the size", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const before = stack.truth();
  await stack.arm({ method: "POST", path: "/volumes/.*/actions$", kind: "status", status: 422 });
  const body = { volume_gib: 25, size_slug: "s-1vcpu-1gb" };
  const saga = await ended(stack, await operate(stack, it, "resize", body), 120_000);
  expect(saga).toMatchObject({ status: "rolled_back", error: { step: "bring_volume_size" } });
  expect(stack.truth().volumes).toEqual(before.volumes);
  expect(stack.truth().droplets).toEqual(before.droplets);
  expect((await deploymentOf(stack, it.id)).volume).toEqual({ size_gib: 10, filesystem: "ext4" });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a volume that cannot be deleted for now says why: somebody has moved it to another droplet", async () => {
  await using stack = await startStack({ timing });
  const it = await active(stack);
  const other = await deploy(stack);
  await ended(stack, other.sagaId);
  const [own, its] = await Promise.all([it, other].map(({ id }) => resourceOf(stack, id)));
  const [volume] = stack.truth().volumes;
  const act = (type: string, droplet_id: number | undefined) =>
    stack.provider("POST", `/v2/volumes/${volume?.id}/actions`, { type, droplet_id });
  await act("detach", own?.provider_id);
  await until("it to be off", async () => stack.truth().volumes[0]?.droplet_id === null);
  await act("attach", its?.provider_id);
  await until("it to be on the other", async () => stack.truth().volumes[0]?.droplet_id === its?.provider_id);
  await deleteDeployment(stack, it.id, { deleteVolume: true, keepSnapshotDays: 0 });
  const { saga_id } = await deploymentOf(stack, it.id);
  const row = await until("the removal to wait", async () =>
    (await stepsOf(stack, saga_id ?? "")).find((step) => step.waiting_for?.includes("to take a DELETE")),
  );
  expect(row.waiting_for).toMatch(/^volume \S+ to take a DELETE: ".*attached.*", DigitalOcean says$/i);
});
