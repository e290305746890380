import { describe, expect, test, vi } from "vitest";
import { pause, startStack, until } from "#test/stack.ts";
import { cancelSaga, deploy, ended, notesOf, stepIs } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const create = { method: "POST", path: "^/v2/droplets$" };
const record = { method: "POST", path: "/records$" };

/** What the provider may do with a create, and how many creates reach it until the deployment is active. */
const answers = [
  ["504 after the commit", { ...create, kind: "status", status: 504, after_commit: true }, 1],
  ["500 before the commit", { ...create, kind: "status", status: 500 }, 2],
  ["an HTML page after the commit", { ...create, kind: "html", status: 502, after_commit: true }, 1],
  ["an HTML page before the commit", { ...create, kind: "html", status: 502 }, 2],
  ["a socket reset after the commit", { ...create, kind: "reset", after_commit: true }, 1],
  ["a socket reset before the commit", { ...create, kind: "reset" }, 2],
  ["a 202 whose body is nonsense", { ...create, kind: "status", status: 202, after_commit: true, body: { ok: 1 } }, 1],
] as const;

describe.concurrent("a create that is not clearly answered makes exactly one droplet", () => {
  test.for(answers)("%s", async ([, fault, posts]) => {
    await using stack = await startStack();
    await stack.arm(fault);
    const { sagaId } = await deploy(stack);
    const saga = await ended(stack, sagaId);
    expect(saga.status).toBe("completed");
    expect(stack.truth()).toMatchObject({ created_total: 1, requests: { by_route: { "POST /v2/droplets": posts } } });
    expect((await notesOf(stack, sagaId))[0]).toContain("The create of the droplet was not clearly answered");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("two turn up: the choice is the lowest id, and the other is destroyed", async () => {
    // Calm: the twin is never listed before the first.
    await using stack = await startStack({ simulator: { calm: true } });
    await stack.arm({ ...create, kind: "reset", after_commit: true });
    const { sagaId } = await deploy(stack);
    const first = await until("the droplet", async () => stack.truth().droplets[0]);
    const twin = { name: first.name, region: first.region, size: first.size_slug, image: "ubuntu-24-04-x64" };
    await stack.provider("POST", "/v2/droplets", { ...twin, tags: first.tags });
    expect((await ended(stack, sagaId)).status).toBe("completed");
    // One that the adoption did not see yet is a stray once the saga has ended.
    await pause(600);
    await stack.requestChore("sync");
    await until("the other's end", async () => stack.truth().droplets.length === 1);
    expect(stack.truth().droplets).toMatchObject([{ id: first.id }]);
    for (const { id } of await stack.db.selectFrom("sagas").select("id").execute()) await ended(stack, id);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("a cancel while it settles destroys what it made", async () => {
    await using stack = await startStack({ timing: { settle: 2 } });
    await stack.arm({ ...create, kind: "reset", after_commit: true });
    const { sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "create_droplet", "waiting");
    await cancelSaga(stack, sagaId);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect(stack.truth()).toMatchObject({ created_total: 1, destroyed_total: 1 });
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("a DNS record's create that is not clearly answered makes exactly one record", () => {
  test.for([
    ["504 after the commit", { ...record, kind: "status", status: 504, after_commit: true }],
    ["a socket reset after the commit", { ...record, kind: "reset", after_commit: true }],
    ["500 before the commit", { ...record, kind: "status", status: 500 }],
  ] as const)("%s", async ([, fault]) => {
    await using stack = await startStack();
    await stack.arm(fault);
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
