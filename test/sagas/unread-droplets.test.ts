import { expect, test, vi } from "vitest";
import { type Stack, startStack, until } from "#test/stack.ts";
import { deploy, ended, sagaOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

/** Listings of droplets say from here on only that there is one, and not which. */
const listUnread = (stack: Stack) =>
  stack.arm({
    method: "GET",
    path: "^/v2/droplets$",
    kind: "status",
    status: 200,
    times: 99_999,
    body: { droplets: [{ id: null, name: "?" }], links: {}, meta: { total: 1 } },
  });

const hasEnded = async (stack: Stack, sagaId: string): Promise<boolean> =>
  (await sagaOf(stack, sagaId)).status === "completed";

const looksOf = (stack: Stack): number => stack.truth().requests.by_route["GET /v2/droplets"] ?? 0;

test("a create without an answer is not asked for again while a listing may hold what it made", async () => {
  await using stack = await startStack({ simulator: { calm: true }, timing: { settle: 0.2 } });
  await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "reset", after_commit: true });
  await listUnread(stack);
  const { sagaId } = await deploy(stack);
  await until("the create", async () => stack.truth().created_total === 1);
  const before = looksOf(stack);
  await until("three looks by name and by tag", async () => looksOf(stack) >= before + 6);
  expect(stack.truth().created_total).toBe(1);
  await stack.disarm();
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect(stack.truth().created_total).toBe(1);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a droplet is not gone while a listing may hold it", async () => {
  await using stack = await startStack({ simulator: { calm: true }, timing: { settle: 0.2 } });
  const body = { name: "by-hand", region: "syd1", size: "s-1vcpu-512mb-10gb", image: "ubuntu-24-04-x64" };
  await stack.provider("POST", "/v2/droplets", body);
  const id = stack.truth().droplets[0]?.id ?? 0;
  await until("it to be active", async () => stack.truth().droplets[0]?.status === "active");
  await listUnread(stack);
  const sagaId = await stack.db
    .transaction()
    .execute((tx) => stack.sagas.destroyDroplet(tx, { providerId: id, unmanaged: true }));
  await until("its end", async () => stack.truth().droplets.length === 0);
  const before = looksOf(stack);
  await until("four looks", async () => looksOf(stack) >= before + 4 || hasEnded(stack, sagaId));
  expect(await hasEnded(stack, sagaId)).toBe(false);
  await stack.disarm();
  expect((await ended(stack, sagaId)).status).toBe("completed");
});
