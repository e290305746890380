import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import { deploy, deployMany, deploymentOf, ended, notesOf, stepIs, stepsOf } from "#test/stack-deployments.ts";
import { startWorkerProcess } from "#test/worker-process.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const longestTakeoverMs = 25_000;

/** Milliseconds from now until `done`; printed, and checked against the goal. */
async function takeover(what: string, done: () => Promise<unknown>): Promise<void> {
  const start = Date.now();
  await done();
  const ms = Date.now() - start;
  console.log(`takeover after ${what}: ${(ms / 1000).toFixed(1)} s`);
  expect(ms).toBeLessThan(longestTakeoverMs);
}

/** The database holds back the writing of this status for a while. */
const slowDown = (stack: Stack, name: string, status: string, seconds: number) =>
  stack.pool.query(`
    create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(${seconds}); return new; end';
    create trigger slow before update on saga_steps for each row
      when (new.name = '${name}' and new.status = '${status}' and new.attempts = 1) execute function slow()`);

const hangingCreate = { method: "POST", path: "^/v2/droplets$", kind: "hang", after_commit: true };

describe.concurrent("workers on one database", () => {
  test("share the sagas, and each saga runs once", async () => {
    // Neither has room for all that are due at once.
    const env = { ARCADIA_WORKER_SLOTS: "4" };
    await using stack = await startStack({ workers: 2, simulator: { calm: true }, env });
    const all = await deployMany(stack, 20);
    for (const { sagaId } of all) expect((await ended(stack, sagaId)).status).toBe("completed");
    const steps = await stack.db.selectFrom("saga_steps").select("attempts").execute();
    expect(steps.every((step) => step.attempts === 1)).toBe(true);
    expect(stack.truth().requests.by_route["POST /v2/droplets"]).toBe(20);
    const enders = stack.logged.map((line) => JSON.parse(line)).filter((line) => line.msg === "A saga ended");
    expect(new Set(enders.map((line) => line.worker)).size).toBe(2);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one is killed in the middle of a wait: another sees it through", async () => {
    await using stack = await startStack({ workers: 0, simulator: { bootMs: 3000 } });
    await using first = await startWorkerProcess(stack);
    const { sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
    await stack.addWorker();
    await first.signal("SIGKILL");
    await takeover("kill -9 in a wait of 3 s", () => stepIs(stack, sagaId, "wait_droplet_active", "completed"));
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one is killed after its create has committed and before it is answered: the droplet is adopted", async () => {
    await using stack = await startStack({ workers: 0 });
    await using first = await startWorkerProcess(stack);
    await stack.arm(hangingCreate);
    const { sagaId } = await deploy(stack);
    await until("the create", async () => stack.truth().created_total === 1);
    await stack.addWorker();
    await first.signal("SIGKILL");
    await takeover("kill -9 in a create", () => stepIs(stack, sagaId, "create_droplet", "completed"));
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect((await notesOf(stack, sagaId)).join()).toContain("The droplet that was asked for is there: ");
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one is killed between the answer to its create and the save: the droplet is adopted", async () => {
    await using stack = await startStack({ workers: 0 });
    await slowDown(stack, "create_droplet", "completed", 2);
    await using first = await startWorkerProcess(stack);
    const { sagaId } = await deploy(stack);
    await until("the create", async () => stack.truth().created_total === 1);
    await pause(500);
    await first.signal("SIGKILL");
    await stack.addWorker();
    await takeover("kill -9 between answer and save", () => stepIs(stack, sagaId, "create_droplet", "completed"));
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one is frozen between its intent and its create: it changes nothing when it wakes up", async () => {
    await using stack = await startStack({ workers: 0 });
    await using first = await startWorkerProcess(stack);
    await stack.pool.query(`
      create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(2); return new; end';
      create trigger slow before insert on provider_resources for each row execute function slow()`);
    const { id, sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "mark_deployment_provisioning", "completed");
    // Its next request waits for the budget, which we hold.
    const client = await stack.pool.connect();
    await client.query("begin; select * from request_budget for update");
    await until("the intent", async () => (await stack.db.selectFrom("provider_resources").select("id").execute())[0]);
    await pause(200);
    await first.signal("SIGSTOP");
    await client.query("rollback");
    client.release();
    expect(stack.truth().created_total).toBe(0);
    await stack.addWorker();
    await takeover("SIGSTOP", () =>
      until("another to hold it", async () => ((await stepsOf(stack, sagaId))[1]?.attempts ?? 0) > 1),
    );
    expect((await ended(stack, sagaId, 90_000)).status).toBe("completed");
    await first.signal("SIGCONT");
    await pause(3000);
    expect((await deploymentOf(stack, id)).status).toBe("active");
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one is asked to stop in the middle of a create: it ends within 10 s, and another goes on", async () => {
    await using stack = await startStack({ workers: 0 });
    await using first = await startWorkerProcess(stack);
    await stack.arm(hangingCreate);
    const { sagaId } = await deploy(stack);
    await until("the create", async () => stack.truth().created_total === 1);
    const start = Date.now();
    expect(await first.signal("SIGTERM")).toBe(0);
    expect(Date.now() - start).toBeLessThan(10_000);
    await stack.addWorker();
    await takeover("SIGTERM", () => stepIs(stack, sagaId, "create_droplet", "completed"));
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one is asked to stop while the provider hangs: it ends within 10 s", async () => {
    await using stack = await startStack({ workers: 0 });
    await using first = await startWorkerProcess(stack);
    const askedAccount = () => stack.truth().requests.by_route["GET /v2/account"];
    await until("the worker to meet the provider", async () => askedAccount() === 1);
    await stack.arm({ method: "GET", path: "^/v2/account$", kind: "hang", times: 100 });
    await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 500, times: 3 });
    const { sagaId } = await deploy(stack);
    await until("the provider to be asked whether it is there", async () => askedAccount() === 2);
    await pause(300);
    const start = Date.now();
    expect(await first.signal("SIGTERM")).toBe(0);
    expect(Date.now() - start).toBeLessThan(10_000);
    await stack.disarm();
    await stack.addWorker();
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
