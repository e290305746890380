import { describe, expect, test, vi } from "vitest";
import { resume } from "#engine/restored.ts";
import { type Stack, pause, startStack, until } from "#test/stack.ts";
import {
  cancelDeployment,
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  retrySaga,
  sagaOf,
  spec,
  stepIs,
  stepsOf,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const create = { method: "POST", path: "^/v2/droplets$" };
const destroy = { method: "DELETE", path: String.raw`^/v2/droplets/\d+$` };
const deletesAtProvider = (stack: Stack) => stack.truth().requests.by_route["DELETE /v2/droplets/{id}"] ?? 0;

/** The code of each error for which the saga began to roll back. */
async function turnedBackFor(stack: Stack, sagaId: string): Promise<(string | undefined)[]> {
  const rows = await stack.db.selectFrom("saga_events").selectAll().where("saga_id", "=", sagaId).execute();
  return rows
    .filter(({ type }) => type === "saga")
    .map(({ data }) => data as { status: string; error?: { code: string } })
    .filter(({ status, error }) => status === "compensating" && error)
    .map(({ error }) => error?.code);
}

describe.concurrent("a DELETE that does not do what it should", () => {
  test("to a twin, for ever: past the deadline the saga turns back, and calls for help when that is late too", async () => {
    await using stack = await startStack({ timing: { settle: 3, compensate: 4 }, simulator: { calm: true } });
    await stack.arm({ ...create, kind: "reset", after_commit: true });
    // Nothing is adopted before the twin is there.
    await stack.arm({ method: "GET", path: "^/v2/droplets$", kind: "status", status: 409, times: 2 });
    await stack.arm({ ...destroy, kind: "ineffective", times: 1000 });
    const { id, sagaId } = await deploy(stack);
    const first = await until("the droplet", async () => stack.truth().droplets[0]);
    const twin = { name: first.name, region: first.region, size: first.size_slug, image: spec.image };
    await stack.provider("POST", "/v2/droplets", { ...twin, tags: first.tags });
    await until("the DELETE of the twin", async () => deletesAtProvider(stack) > 0);
    expect(await sagaOf(stack, sagaId)).toMatchObject({ direction: "forward", position: 1 });
    // Its time is up: twenty minutes and more, which no test waits for.
    await stack.db
      .updateTable("saga_steps")
      .set({ deadline_at: new Date(Date.now() - 1000) })
      .where("saga_id", "=", sagaId)
      .where("name", "=", "create_droplet")
      .execute();
    const saga = await ended(stack, sagaId);
    expect(saga).toMatchObject({ status: "stuck", direction: "back", stuck_error: { code: "undo_overdue" } });
    expect(saga.error).toMatchObject({ code: "overdue" });
    expect(await turnedBackFor(stack, sagaId)).toEqual(["overdue"]);
    const step = (await stepsOf(stack, sagaId)).find(({ name }) => name === "create_droplet");
    expect(step).toMatchObject({ status: "compensation_failed", undo_error: { code: "undo_overdue" } });
    expect(stack.truth().droplets).toHaveLength(2);
    expect((await deploymentOf(stack, id)).status).toBe("provisioning");

    await stack.disarm();
    for (;;) {
      await retrySaga(stack, sagaId);
      if ((await ended(stack, sagaId)).status === "rolled_back") break;
    }
    expect(stack.truth().droplets).toEqual([]);
    expect((await deploymentOf(stack, id)).status).toBe("cancelled");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("with an unclear answer each time, is not sent again and again", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { id, sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
    await stack.arm({ ...destroy, kind: "status", status: 504, times: 1000 });
    await cancelDeployment(stack, id);
    const at: number[] = [];
    await until("a second DELETE", async () => {
      while (at.length < deletesAtProvider(stack)) at.push(Date.now());
      return at.length >= 2;
    });
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(9500);
    // Ever more rarely: the third is twenty seconds later, not ten.
    await pause(12_000);
    expect(deletesAtProvider(stack)).toBe(2);
    await stack.disarm();
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect(deletesAtProvider(stack)).toBe(3);
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

/** As if others had asked this much in the last hour: nothing is left for those who wait or create. */
const useUpTheHour = (stack: Stack) =>
  stack.pool.query(`
  insert into provider_requests (id, at, method, route)
  select gen_random_uuid(), now() - interval '10 minutes', 'GET', '/v2/droplets' from generate_series(1, 4820)
`);

describe.concurrent("with the budget of the hour used up for all but undoing", () => {
  test("a rollback sends its looks and ends", async () => {
    await using stack = await startStack({ timing: { compensate: 20 } });
    const { id, sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
    await useUpTheHour(stack);
    await cancelDeployment(stack, id);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect((await deploymentOf(stack, id)).status).toBe("cancelled");
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("a deployment that is deleted ends terminated", async () => {
    await using stack = await startStack({ timing: { compensate: 20 } });
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await useUpTheHour(stack);
    await deleteDeployment(stack, id);
    expect((await ended(stack, (await deploymentOf(stack, id)).saga_id ?? "")).status).toBe("completed");
    expect((await deploymentOf(stack, id)).status).toBe("terminated");
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test.concurrent("DELETE of a deployment whose saga is stuck on its way forward ends terminated", async () => {
  await using stack = await startStack({ workers: 0, simulator: { bootMs: 600_000, calm: true } });
  const worker = await stack.addWorker();
  const { id, sagaId } = await deploy(stack);
  await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
  await worker.stop();
  // What `restore --hold` does to every saga that the backup holds as unfinished.
  const hold = { now: stack.clock.now(), hold: true };
  await stack.db.transaction().execute((tx) => resume(tx, sagaId, hold));
  expect(await sagaOf(stack, sagaId)).toMatchObject({ status: "stuck", direction: "forward" });
  await deleteDeployment(stack, id);
  await stack.addWorker();
  expect(await ended(stack, sagaId)).toMatchObject({ status: "rolled_back", error: { code: "cancelled" } });
  expect((await deploymentOf(stack, id)).status).toBe("terminated");
  expect(stack.truth()).toMatchObject({ created_total: 1, destroyed_total: 1, droplets: [] });
  expect(await stack.brokenInvariants()).toEqual([]);
});
