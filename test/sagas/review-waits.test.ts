import { expect, test, vi } from "vitest";
import { type Stack, startStack, until } from "#test/stack.ts";
import { deploy, ended, sagaOf, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const provider = (stack: Stack) => stack.db.selectFrom("provider").selectAll().executeTakeFirst();
const get = (path: string, status: number) => ({ method: "GET", path, kind: "status", status, times: 100_000 });

test.concurrent("503 for the step and 429 for the question whether the provider is up: waited out, not counted", async () => {
  await using stack = await startStack();
  await until("the first contact", async () => (await provider(stack))?.status === "up");
  await stack.arm(get("^/v2/domains/.*$", 503));
  await stack.arm({ ...get("^/v2/account$", 429), headers: { "retry-after": "3" } });
  const { sagaId } = await deploy(stack);
  await until("the wait for room", async () => (await sagaOf(stack, sagaId)).waiting_for?.includes("request budget"));
  // Each round gives the saga back and takes it up again: one that was dropped would sit out its lease.
  const { epoch } = await sagaOf(stack, sagaId);
  await until("three more rounds", async () => (await sagaOf(stack, sagaId)).epoch >= epoch + 3);
  expect((await sagaOf(stack, sagaId)).direction).toBe("forward");
  expect((await stepsOf(stack, sagaId))[0]).toMatchObject({ attempts: 1, error: null });
  expect(stack.logged.filter((line) => line.includes("could not be run"))).toEqual([]);
  expect(await provider(stack)).toMatchObject({ status: "up" });
  await stack.disarm();
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(await stack.brokenInvariants()).toEqual([]);
});

test.concurrent("a healthy droplet is not rolled back at the deadline because no look came through", async () => {
  await using stack = await startStack({ timing: { waitActive: 4 }, simulator: { calm: true } });
  await until("the first contact", async () => (await provider(stack))?.status === "up");
  await stack.arm({ ...get("^/v2/droplets$", 429), headers: { "retry-after": "0" } });
  const { sagaId } = await deploy(stack);
  expect(await ended(stack, sagaId)).toMatchObject({ status: "completed", error: null });
  expect(await stack.db.selectFrom("looks").selectAll().where("scope", "=", "fleet").execute()).toEqual([]);
  const wait = (await stepsOf(stack, sagaId)).find(({ name }) => name === "wait_droplet_active");
  expect(wait?.finished_at?.getTime()).toBeGreaterThanOrEqual(wait?.deadline_at?.getTime() ?? Infinity);
  expect(stack.truth()).toMatchObject({ created_total: 1, destroyed_total: 0 });
  expect(await stack.brokenInvariants()).toEqual([]);
});
