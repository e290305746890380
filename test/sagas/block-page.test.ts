import { expect, test, vi } from "vitest";
import { startStack } from "#test/stack.ts";
import { deploy, ended } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const page = { kind: "html", status: 403 };

test.concurrent.for([
  ["the create of a droplet", { ...page, method: "POST", path: "^/v2/droplets$" }],
  ["the create of a droplet, which was made", { ...page, method: "POST", path: "^/v2/droplets$", after_commit: true }],
  ["a look at the droplet", { ...page, method: "GET", path: "^/v2/droplets", status: 422 }],
  ["the create of a record", { ...page, method: "POST", path: "/records$", status: 408 }],
  ["a look at the zone", { ...page, method: "GET", path: "/records$" }],
] as const)("a page of somebody else's in place of %s rolls nothing back", async ([, fault]) => {
  await using stack = await startStack();
  await stack.arm(fault);
  const { sagaId } = await deploy(stack);
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(stack.truth()).toMatchObject({ created_total: 1, destroyed_total: 0 });
  expect(await stack.brokenInvariants()).toEqual([]);
});
