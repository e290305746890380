import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import { deleteDeployment, deploy, deploymentOf, ended, resourceOf, spec, stepIs } from "#test/stack-deployments.ts";

// What is at the provider may be another's by now, or only look like ours.

vi.setConfig({ testTimeout: 180_000 });

const strays = (stack: Stack) => stack.db.selectFrom("strays").selectAll().execute();

/** Every droplet of the account is looked at, and what it means has been seen to. */
async function sync(stack: Stack): Promise<void> {
  const looks = async () =>
    (await stack.db.selectFrom("looks").select("id").where("scope", "=", "account").execute()).length;
  const before = await looks();
  await stack.requestChore("sync");
  await until("a sync", async () => (await looks()) > before);
  await pause(500);
}

describe.concurrent("a droplet that somebody destroys while nobody looks", () => {
  const timing = { settle: 2, poll: 0.2 };
  /** Until a look that all share is too old to be believed: the droplet itself is asked then. */
  const untilForgotten = () => pause(timing.settle * 1000 + 500);

  test("before DNS points to it: its address, a stranger's by then, is not pointed to", async () => {
    await using stack = await startStack({ workers: 0, timing, simulator: { calm: true } });
    const worker = await stack.addWorker();
    const create = { method: "POST", path: "/records$", kind: "status", status: 503 };
    await stack.arm(create);
    const { id, sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "point_deployment_dns", "waiting");
    await worker.stop();
    const droplet = await until("it", async () => stack.truth().droplets[0]);
    await stack.provider("DELETE", `/v2/droplets/${droplet.id}`);
    await until("its end", async () => stack.truth().droplets.length === 0);
    await untilForgotten();
    await stack.addWorker();
    expect((await ended(stack, sagaId, 150_000)).status).toBe("rolled_back");
    expect(stack.truth().requests.by_route["POST /v2/domains/{name}/records"]).toBe(1);
    expect((await deploymentOf(stack, id)).status).toBe("cancelled");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("before its deployment is active: it does not become so", async () => {
    await using stack = await startStack({ workers: 0, timing, simulator: { calm: true } });
    // The worker dies as activate_deployment begins.
    await stack.pool.query(`
      create function die() returns trigger language plpgsql as
        $$ begin update sagas set epoch = new.epoch + 1 where id = new.id; return new; end $$;
      create trigger die after update on sagas for each row
        when (old.position < new.position and new.position = 6) execute function die()`);
    const worker = await stack.addWorker();
    const { id, sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "activate_deployment", "running");
    await worker.stop();
    await stack.pool.query("drop trigger die on sagas");
    const droplet = await until("it", async () => stack.truth().droplets[0]);
    await stack.provider("DELETE", `/v2/droplets/${droplet.id}`);
    await until("its end", async () => stack.truth().droplets.length === 0);
    await untilForgotten();
    await stack.takeOver(sagaId);
    await stack.addWorker();
    expect((await ended(stack, sagaId, 150_000)).status).toBe("rolled_back");
    expect((await deploymentOf(stack, id)).status).toBe("cancelled");
    expect(stack.truth().domains[0]?.records.filter(({ type }) => type === "A")).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test("a person's copy of a droplet, which has its name and none of its tags, is told of and left alone", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const { id, sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  const own = await resourceOf(stack, id);
  const copy = { name: own?.name, region: spec.region, size: spec.size_slug, image: spec.image };
  await stack.provider("POST", "/v2/droplets", copy);
  await pause(1500);
  await sync(stack);
  expect(await strays(stack)).toMatchObject([{ verdict: "alert", reason: expect.stringContaining("install tag") }]);
  await deleteDeployment(stack, id);
  await until("its end", async () => (await deploymentOf(stack, id)).status === "terminated");
  await sync(stack);
  await sync(stack);
  expect(stack.truth().droplets.map(({ name }) => name)).toEqual([own?.name]);
});

test("a droplet that has served and comes back unasked is told of and left alone", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const { id, sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  // As whoever has proven it gone leaves the ledger, without a DELETE of ours.
  await stack.db.updateTable("provider_resources").set({ phase: "gone" }).where("kind", "=", "droplet").execute();
  await pause(1500);
  await sync(stack);
  expect(await strays(stack)).toMatchObject([{ verdict: "alert", reason: expect.stringContaining("ordered its end") }]);
  expect(stack.truth().droplets).toHaveLength(1);
  expect((await deploymentOf(stack, id)).status).toBe("active");
});
