import { expect, test, vi } from "vitest";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  cancelSaga,
  deploy,
  type Deployed,
  deploymentOf,
  ended,
  healthCheck,
  notesOf,
  operate,
  resourceOf,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const keep_snapshot_days = 7;
const bigger = { size_slug: "s-1vcpu-1gb" };

/** An active deployment, once all that the provider shows of it is as it is. */
async function active(stack: Stack): Promise<Deployed> {
  const it = await deploy(stack);
  expect((await ended(stack, it.sagaId)).status).toBe("completed");
  await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
  return it;
}

async function done(stack: Stack, it: Deployed, name: string, body: object = {}): Promise<string> {
  const sagaId = await operate(stack, it, name, body);
  const { status, error } = await ended(stack, sagaId);
  expect([name, status, error]).toEqual([name, "completed", null]);
  return sagaId;
}

const droplet = (stack: Stack) => {
  const [only, ...others] = stack.truth().droplets;
  expect(others).toEqual([]);
  if (!only) throw new Error("There is no droplet");
  return only;
};

const powerOf = async (stack: Stack, { id }: Deployed) => (await deploymentOf(stack, id)).power;

test("everything that can be asked of a deployment, one after the other, and what it costs in requests", async () => {
  await using stack = await startStack({ timing: { poll: 0.3, settle: 2 } });
  const it = await active(stack);
  const asked: [name: string, body: () => Promise<object>, floor: number, most: number][] = [
    ["suspend", async () => ({}), 3, 6],
    ["resize", async () => bigger, 6, 12],
    ["unsuspend", async () => ({}), 3, 6],
    ["resize", async () => ({ size_slug: "s-1vcpu-2gb" }), 9, 18],
    ["snapshot", async () => ({ keep_snapshot_days }), 2, 5],
    ["rebuild", async () => ({ image: "debian-13-x64", keep_snapshot_days }), 5, 12],
    [
      "restore",
      async () => {
        const first = await stack.db
          .selectFrom("snapshots")
          .select("name")
          .orderBy("created_at")
          .executeTakeFirstOrThrow();
        return { snapshot: first.name, keep_snapshot_days };
      },
      5,
      12,
    ],
  ];
  for (const [name, body, floor, most] of asked) {
    const before = stack.truth().requests;
    const sagaId = await done(stack, it, name, await body());
    // That a snapshot's id is not told is no fault.
    if (name === "snapshot") {
      const notes = (await notesOf(stack, sagaId)).join();
      expect(notes).toContain("The snapshot that was asked for is there: ");
      expect(notes).not.toMatch(/adopted|unclear|earlier/i);
    }
    const { total, by_route: routes } = stack.truth().requests;
    const spent = Object.fromEntries(
      Object.entries(routes)
        .map(([route, times]) => [route, times - (before.by_route[route] ?? 0)] as const)
        .filter(([route, times]) => times > 0 && route !== "GET /v2/account"),
    );
    const sum = Object.values(spent).reduce((all, each) => all + each, 0);
    console.log(`${name}: ${sum} requests, the floor is ${floor}`, JSON.stringify(spent), total - before.total);
    expect(sum).toBeLessThanOrEqual(most);
    expect(await stack.brokenInvariants()).toEqual([]);
  }
  expect(droplet(stack)).toMatchObject({ status: "active", size_slug: "s-1vcpu-2gb" });
  expect(await deploymentOf(stack, it.id)).toMatchObject({
    size_slug: "s-1vcpu-2gb",
    image: "debian-13-x64",
    power: "on",
  });
  expect(stack.truth().snapshots).toHaveLength(3);
  await done(stack, it, "suspend");
  expect(droplet(stack).status).toBe("off");
  expect(await powerOf(stack, it)).toBe("off");
});

test("a system that does not listen to the shutdown has its power taken away", async () => {
  await using stack = await startStack();
  const it = await active(stack);
  await stack.arm({ method: "POST", path: "/actions$", kind: "ineffective" });
  const sagaId = await operate(stack, it, "suspend");
  await until("the shutdown", async () => stack.truth().requests.by_route["POST /v2/droplets/{id}/actions"] === 1);
  // A minute is over, and another one whenever it was too early: the provider had still to do with the shutdown.
  await until("its power to be taken away", async () => {
    await stack.pool.query(
      "update provider_changes set answered_at = answered_at - interval '61 seconds' where answered_at > now() - interval '60 seconds'",
    );
    return stack.truth().droplets[0]?.status === "off";
  });
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(droplet(stack).status).toBe("off");
  const { body } = { body: await (await stack.provider("GET", `/v2/droplets/${droplet(stack).id}/actions`)).json() };
  const types = body.actions.map((action: { type: string }) => action.type);
  expect(types.slice(0, 2)).toEqual(["power_off", "shutdown"]);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a size that is refused when it is asked for leaves the droplet on, as it was", async () => {
  await using stack = await startStack();
  const it = await active(stack);
  const body = { id: "unprocessable_entity", message: "Size is not available in this region." };
  const sagaId = await operate(stack, it, "resize", bigger);
  await stepIs(stack, sagaId, "bring_power_off", "waiting", "completed");
  await stack.arm({ method: "POST", path: "/actions$", kind: "status", status: 422, body });
  const saga = await ended(stack, sagaId);
  expect(saga).toMatchObject({ status: "rolled_back", error: { step: "bring_size" } });
  expect(droplet(stack)).toMatchObject({ status: "active", size_slug: "s-1vcpu-512mb-10gb" });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a size that cannot be had back stays, is recorded, and the droplet is on", async () => {
  await using stack = await startStack({ simulator: { bootMs: 1000 } });
  const it = await active(stack);
  const sagaId = await operate(stack, it, "resize", bigger);
  await stepIs(stack, sagaId, "bring_power_back", "waiting");
  await cancelSaga(stack, sagaId);
  await until("the shutdown on the way back", async () => {
    const { rows } = await stack.pool.query(
      "select from provider_changes where step = 'bring_power_back' and phase = 'returning' and answered_at is not null",
    );
    return rows.length === 1;
  });
  await stack.arm({ method: "POST", path: "/actions$", kind: "status", status: 422 });
  expect((await ended(stack, sagaId)).status).toBe("rolled_back");
  expect(droplet(stack)).toMatchObject({ status: "active", ...bigger });
  expect(await deploymentOf(stack, it.id)).toMatchObject(bigger);
  expect((await notesOf(stack, sagaId)).join()).toContain("could not be put back");
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a droplet whose app does not answer after a resize goes back to the size that it had", async () => {
  await using stack = await startStack();
  const it = await deploy(stack, { healthCheck: { ...healthCheck, deadline_seconds: 3 } });
  expect((await ended(stack, it.sagaId)).status).toBe("completed");
  await until("the catalogue", async () => stack.truth().requests.by_route["GET /v2/images"]);
  await done(stack, it, "resize", bigger);
  const sagaId = await operate(stack, it, "resize", { size_slug: "s-1vcpu-2gb" });
  await stepIs(stack, sagaId, "bring_size", "waiting", "completed");
  await stack.control("POST", "apps", { state: "sick" });
  await stepIs(stack, sagaId, "wait_healthy", "waiting");
  const saga = await ended(stack, sagaId);
  expect(saga).toMatchObject({ status: "rolled_back", error: { code: "droplet_unhealthy", step: "wait_healthy" } });
  expect(droplet(stack)).toMatchObject({ status: "active", ...bigger });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a pending event is waited for", async () => {
  await using stack = await startStack();
  const it = await active(stack);
  await stack.provider("POST", `/v2/droplets/${droplet(stack).id}/actions`, { type: "enable_ipv6" });
  await done(stack, it, "suspend");
  expect(droplet(stack).status).toBe("off");
});

test("a shutdown that takes hold when nobody thinks of it any more does not stay", async () => {
  await using stack = await startStack();
  const it = await active(stack);
  await stack.arm({ method: "POST", path: "/actions$", kind: "reset" });
  await done(stack, it, "suspend");
  await done(stack, it, "unsuspend");
  await stack.provider("POST", `/v2/droplets/${droplet(stack).id}/actions`, { type: "shutdown" });
  await until("it to be off", async () => droplet(stack).status === "off");
  const { rowCount } = await stack.pool.query(
    "update provider_changes set recheck_at = now() where recheck_at is not null",
  );
  expect(rowCount).toBe(1);
  await stack.requestChore("recheck");
  await until("it to be on", async () => droplet(stack).status === "active");
  await until("the end of its saga", async () => {
    const { rows } = await stack.pool.query("select from sagas where status not in ('completed', 'rolled_back')");
    return rows.length === 0;
  });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a droplet that is destroyed in the middle is left to whoever did that, and nothing is made again", async () => {
  await using stack = await startStack({ simulator: { bootMs: 4000 }, timing: { gone: 1.5 } });
  const it = await active(stack);
  const { id } = droplet(stack);
  const sagaId = await operate(stack, it, "resize", bigger);
  await stepIs(stack, sagaId, "bring_size", "waiting");
  // Whoever is between two steps asks a few times more whether it is there.
  await stack.workers[0]?.stop();
  await until("the size to be there", async () => droplet(stack).size_slug === bigger.size_slug);
  expect((await stack.provider("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
  await stack.addWorker();
  // On a busy machine it may have come to the next step, which tries for a minute to change what is answered with a 404.
  const saga = await ended(stack, sagaId, 150_000);
  const code: unknown = expect.stringMatching(/^(changed_meanwhile|unexpected|not_found)$/);
  expect(saga).toMatchObject({ status: "rolled_back", error: { code } });
  expect(stack.truth()).toMatchObject({ droplets: [], created_total: 1 });
});

test("a droplet that is neither ours by name nor by tag any more is not touched", async () => {
  await using stack = await startStack();
  const it = await active(stack);
  const { id, tags } = droplet(stack);
  await stack.provider("POST", `/v2/droplets/${id}/actions`, { type: "rename", name: "theirs" });
  for (const tag of tags)
    await stack.provider("DELETE", `/v2/tags/${tag}/resources`, {
      resources: [{ resource_id: `${id}`, resource_type: "droplet" }],
    });
  await until("its name", async () => droplet(stack).name === "theirs");
  const saga = await ended(stack, await operate(stack, it, "suspend"));
  expect(saga).toMatchObject({ status: "rolled_back", error: { code: "not_ours" } });
  expect(droplet(stack).status).toBe("active");
  expect(await powerOf(stack, it)).toBe("on");
});

test("cancelled after the disk was written, it comes back from the snapshot, which stays", async () => {
  await using stack = await startStack({ simulator: { bootMs: 1500 } });
  const it = await active(stack);
  const sagaId = await operate(stack, it, "rebuild", { image: "debian-13-x64", keep_snapshot_days });
  await stepIs(stack, sagaId, "bring_image", "waiting");
  await cancelSaga(stack, sagaId);
  expect((await ended(stack, sagaId)).status).toBe("rolled_back");
  const [snapshot] = stack.truth().snapshots;
  expect(droplet(stack)).toMatchObject({ status: "active", image: `${snapshot?.id}` });
  expect((await deploymentOf(stack, it.id)).image).toBe("ubuntu-24-04-x64");
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a snapshot goes when its time is over, outlives its deployment until then, and is kept for who may need it", async () => {
  await using stack = await startStack();
  const it = await active(stack);
  await done(stack, it, "snapshot", { keep_snapshot_days });
  const expire = () => stack.pool.query("update snapshots set expires_at = now()");
  const sagaId = await operate(stack, it, "suspend");
  await expire();
  await stack.requestChore("expire");
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(stack.truth().snapshots).toHaveLength(1);
  await stack.requestChore("expire");
  await until("the snapshot to be gone", async () => stack.truth().snapshots.length === 0);
  await until("its saga's end", async () => {
    const { rows } = await stack.pool.query(
      "select from sagas where name = 'delete_snapshot' and status = 'completed'",
    );
    return rows.length === 1;
  });
  expect((await resourceOf(stack, it.id))?.deleted_at).toBeNull();
  expect(await stack.brokenInvariants()).toEqual([]);
});
