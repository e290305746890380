import { expect, test, vi } from "vitest";
import { pause, startStack, until } from "#test/stack.ts";
import { deploy, ended, holdAt, stepIs } from "#test/stack-deployments.ts";

// A standby that lacks the last commits took over: as if what is taken away here had never been written.

vi.setConfig({ testTimeout: 180_000 });

const timing = { poll: 0.2, settle: 1 };

/** The database goes on in a life that nobody has seen, and the saga stands where it stood before this step. */
const loseFrom = (step: string, kind: string) => `
  update database_lives set timeline = timeline + 1000;
  delete from provider_resources where kind = '${kind}';
  update saga_steps set status = 'pending', output = null, started_at = null, deadline_at = null, finished_at = null,
    attempts = 0 where position >= (select min(position) from saga_steps where name = '${step}');
  update sagas set position = (select min(position) from saga_steps where name = '${step}'), status = 'waiting',
    step_started_at = null, due_at = now();`;

test("a create whose intent and outcome are lost is looked for before another is made", async () => {
  await using stack = await startStack({ workers: 0, timing, simulator: { calm: true, bootMs: 2000 } });
  const worker = await stack.addWorker();
  const { sagaId } = await deploy(stack);
  await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
  await worker.stop();
  await stack.pool.query(loseFrom("create_droplet", "droplet"));
  await stack.addWorker();
  await stack.takeOver(sagaId);
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(stack.truth().created_total).toBe(1);
  expect(stack.logged.filter((line) => line.includes("goes on in another life"))).toHaveLength(1);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a record of ours whose create is lost is no conflict, and there is one of it", async () => {
  await using stack = await startStack({ workers: 0, timing, simulator: { calm: true } });
  const release = await holdAt(stack, "activate_deployment");
  const worker = await stack.addWorker();
  const { sagaId } = await deploy(stack);
  await stepIs(stack, sagaId, "activate_deployment", "running");
  await worker.stop();
  await release();
  await stack.pool.query(loseFrom("point_deployment_dns", "dns_record"));
  await stack.addWorker();
  await stack.takeOver(sagaId);
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(stack.truth().domains[0]?.records.filter(({ type }) => type === "A")).toHaveLength(1);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("the same life is noted once, however many meet it, and doubts nothing", async () => {
  await using stack = await startStack({ workers: 2, timing });
  const { sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  await stack.addWorker();
  await until("a life", async () => (await stack.pool.query("select from database_lives")).rowCount === 1);
  await pause(300);
  expect(stack.logged.join("")).not.toContain("goes on in another life");
});
