import { expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import {
  addressRecords,
  cancelSaga,
  deploy,
  deploymentOf,
  ended,
  notesOf,
  operate,
  replaceable,
  resourceOf,
  stepIs,
  type Wish,
} from "#test/stack-deployments.ts";

// Somebody destroys what a saga would go back to.

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.3, settle: 1, gone: 3 };

/** A replacement that bakes, with the new droplet. */
async function baking(stack: Stack, wish: Partial<Wish> = {}, body: object = {}) {
  const { deployment, old } = await replaceable(stack, wish);
  const discard_disk = wish.volumeGib === undefined;
  const saga = await operate(stack, deployment, "replace", { bake_seconds: 2, discard_disk, release: "v2", ...body });
  await stepIs(stack, saga, "bake", "waiting");
  const fresh = stack.truth().droplets.find(({ id }) => id !== old.id);
  if (!fresh) throw new Error("There is no new droplet");
  return { deployment, saga, old, fresh };
}

const destroy = async (stack: Stack, { id }: { readonly id: number }) => {
  await stack.provider("DELETE", `/v2/droplets/${id}`);
  await until("it to be gone", async () => !stack.truth().droplets.some((it) => it.id === id));
  // Until no view lags behind any more.
  await pause(500);
};

/** The new droplet has taken the place of the old one. */
async function expectForward(stack: Stack, { deployment, saga, old, fresh }: Awaited<ReturnType<typeof baking>>) {
  const seen = await ended(stack, saga, 120_000);
  expect([seen.status, seen.error]).toEqual(["completed", null]);
  expect(await notesOf(stack, saga)).toContainEqual(expect.stringContaining(`Droplet ${old.id} is gone`));
  expect(stack.truth().droplets).toMatchObject([{ id: fresh.id, status: "active" }]);
  expect(await resourceOf(stack, deployment.id)).toMatchObject({ provider_id: fresh.id });
  expect(await deploymentOf(stack, deployment.id)).toMatchObject({ status: "active", release: "v2" });
  expect(await stack.brokenInvariants()).toEqual([]);
}

test.each(["cancelled", "sick"])("%s, and the old droplet is gone: the new one stays", async (how) => {
  await using stack = await startStack({ timing });
  const it = await baking(stack, {}, { bake_seconds: how === "sick" ? 600 : 2 });
  await destroy(stack, it.old);
  if (how === "sick") await stack.control("POST", "apps", { release: "v2", state: "sick" });
  else await cancelSaga(stack, it.saga);
  await expectForward(stack, it);
  expect(addressRecords(stack)).toMatchObject([{ data: it.fresh.public_ipv4 }]);
  await expect(cancelSaga(stack, it.saga)).rejects.toMatchObject({ code: "saga_ended" });
});

test("one whose old droplet is gone cannot be cancelled again", async () => {
  await using stack = await startStack({ timing });
  const it = await baking(stack, {}, { bake_seconds: 600 });
  await destroy(stack, it.old);
  await cancelSaga(stack, it.saga);
  await until("it to go forward", async () =>
    (await notesOf(stack, it.saga)).some((note) => note.includes("nothing to go back to")),
  );
  await expect(cancelSaga(stack, it.saga)).rejects.toMatchObject({ code: "not_cancellable" });
});

test("a reserved IP stays at the new droplet where the old one is gone", async () => {
  await using stack = await startStack({ timing });
  const it = await baking(stack, { reservedIp: true });
  await destroy(stack, it.old);
  await cancelSaga(stack, it.saga);
  await expectForward(stack, it);
  expect(stack.truth().reserved_ips).toMatchObject([{ droplet_id: it.fresh.id }]);
});

test("a volume stays at the new droplet where the old one is gone", async () => {
  await using stack = await startStack({ timing });
  const it = await baking(stack, { volumeGib: 10 });
  await destroy(stack, it.old);
  await cancelSaga(stack, it.saga);
  await expectForward(stack, it);
  expect(stack.truth().volumes).toMatchObject([{ droplet_id: it.fresh.id }]);
});

test("a volume is attached to none where neither droplet is there, and the saga ends", async () => {
  await using stack = await startStack({ timing });
  const it = await baking(stack, { volumeGib: 10 }, { bake_seconds: 600 });
  const other = await deploy(stack);
  expect((await ended(stack, other.sagaId)).status).toBe("completed");
  const [, , third] = stack.truth().droplets;
  await destroy(stack, it.old);
  await destroy(stack, it.fresh);
  await cancelSaga(stack, it.saga);
  expect((await ended(stack, it.saga, 150_000)).status).toBe("rolled_back");
  expect(stack.truth().volumes).toMatchObject([{ droplet_id: null }]);
  expect(stack.truth().droplets).toMatchObject([{ id: third?.id }]);
});

test("an old droplet that is hidden for less long than it takes to be believed gone is led back to", async () => {
  await using stack = await startStack({ timing });
  const it = await baking(stack, {}, { bake_seconds: 600 });
  await stack.arm({ method: "GET", path: `/v2/droplets/${it.old.id}$`, kind: "status", status: 404, times: 4 });
  await cancelSaga(stack, it.saga);
  expect((await ended(stack, it.saga, 120_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toMatchObject([{ data: it.old.public_ipv4 }]);
  expect(stack.truth().droplets).toMatchObject([{ id: it.old.id }]);
});
