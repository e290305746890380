import { expect, test, vi } from "vitest";
import { lineWith, startStack, until } from "#test/stack.ts";
import {
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  healthCheck,
  stepIs,
  stepsOf,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const step = "wait_new_droplet_healthy";

test("DNS leads to a new droplet only once its app answers", async () => {
  await using stack = await startStack({ simulator: { appStartMs: 1500 } });
  const { id, sagaId } = await deploy(stack, { healthCheck });
  const waiting = await stepIs(stack, sagaId, step, "waiting");
  expect(waiting.waiting_for).toMatch(/^the app on droplet \d+ to be healthy \(/);
  expect(stack.truth().domains[0]?.records.filter(({ type }) => type === "A")).toEqual([]);
  const saga = await ended(stack, sagaId);
  expect([saga.status, saga.steps[step]]).toEqual(["completed", "completed"]);
  const health = await stack.db.selectFrom("deployment_health").selectAll().where("deployment_id", "=", id).execute();
  expect(health).toMatchObject([{ state: "healthy", reason: null, provider_id: stack.truth().droplets[0]?.id }]);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("an app that does not get well rolls the deployment back, with its last answer as the reason", async () => {
  await using stack = await startStack();
  await stack.control("POST", "apps", { state: "sick" });
  const { id, sagaId } = await deploy(stack, { healthCheck: { ...healthCheck, deadline_seconds: 2 } });
  const saga = await ended(stack, sagaId);
  expect(saga).toMatchObject({ status: "rolled_back", error: { code: "droplet_unhealthy", step } });
  const { status, reason } = await deploymentOf(stack, id);
  expect(status).toBe("cancelled");
  expect(reason).toMatch(/was not healthy within 2 s, by http on port 80\. Its last answer: 500, not 200-299$/);
  expect(stack.truth().droplets).toEqual([]);
  expect(await stack.db.selectFrom("deployment_health").selectAll().execute()).toEqual([]);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("without a check there is no such step, and over TLS and TCP it is asked as well", async () => {
  await using stack = await startStack();
  const plain = await deploy(stack);
  const secure = await deploy(stack, { healthCheck: { ...healthCheck, protocol: "https", port: 443 } });
  const before = { ...healthCheck, protocol: "https", port: 443, before_dns: { protocol: "tcp", port: 22 } } as const;
  const tcp = await deploy(stack, { healthCheck: before });
  for (const { sagaId } of [plain, secure, tcp]) expect((await ended(stack, sagaId)).status).toBe("completed");
  const names = (await stepsOf(stack, plain.sagaId)).map(({ name }) => name);
  expect(names).not.toContain(step);
});

test("one that serves is asked on, and is forgotten when it is terminated", async () => {
  await using stack = await startStack();
  const { id, sagaId } = await deploy(stack, { healthCheck });
  await ended(stack, sagaId);
  await stack.requestChore("probes");
  const rowOf = () => stack.db.selectFrom("deployment_health").selectAll().where("deployment_id", "=", id);
  const begun = await until("it to be asked", async () => {
    const row = await rowOf().executeTakeFirst();
    return row?.next_probe_at && row;
  });
  const soon = begun.next_probe_at!.getTime() - Date.now();
  expect(soon).toBeLessThanOrEqual(60_000);

  const askNow = () => stack.db.updateTable("deployment_health").set({ next_probe_at: new Date() }).execute();
  await stack.control("POST", "apps", { state: "sick" });
  for (let round = 0; round < healthCheck.unhealthy_after; round += 1) {
    const before = (await rowOf().executeTakeFirstOrThrow()).probed_at;
    await askNow();
    await until("an answer", async () => (await rowOf().executeTakeFirstOrThrow()).probed_at! > before!);
  }
  expect(await rowOf().executeTakeFirst()).toMatchObject({ state: "unhealthy", reason: "500, not 200-299" });
  await lineWith(stack, "A deployment is not healthy");

  await deleteDeployment(stack, id);
  await ended(stack, (await deploymentOf(stack, id)).saga_id ?? "");
  await askNow();
  await until("nothing to be known", async () => (await rowOf().execute()).length === 0);
});
