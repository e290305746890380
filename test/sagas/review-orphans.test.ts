import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import {
  ageSightings,
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  notesOf,
  resolveSaga,
  spec,
} from "#test/stack-deployments.ts";

// Sequences that a second review of the engine found, each of which ended with something that nobody owned.

vi.setConfig({ testTimeout: 180_000 });

const resources = (stack: Stack) => stack.db.selectFrom("cloud_resources").selectAll().execute();
const nothingListed = { droplets: [], links: {}, meta: { total: 0 } };
const noRecords = { domain_records: [], links: {}, meta: { total: 0 } };

/** Asks for the deployment's end. @returns the saga on its way down */
async function takeDown(stack: Stack, id: string): Promise<string> {
  await deleteDeployment(stack, id);
  return (await deploymentOf(stack, id)).saga_id ?? "";
}

describe.concurrent("nothing is left without an owner", () => {
  test("an operator resolved its end, and the droplet was still there", async () => {
    await using stack = await startStack({ timing: { compensate: 3 }, simulator: { calm: true } });
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await stack.arm({ method: "DELETE", path: "^/v2/droplets/", kind: "status", status: 403, times: 1000 });
    const down = await takeDown(stack, id);
    expect((await ended(stack, down)).status).toBe("stuck");
    await stack.disarm();
    await resolveSaga(stack, down);
    await until("terminated", async () => (await deploymentOf(stack, id)).status === "terminated");
    expect(stack.truth().droplets).toHaveLength(1);
    await stack.requestChore("sync");
    await until("the droplet to be destroyed as a stray", async () => stack.truth().droplets.length === 0);
  });

  test("the provider hid the droplet for as long as its deployment took to end, and then showed it again", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await pause(1500);
    await stack.arm({
      method: "GET",
      path: "^/v2/droplets$",
      kind: "status",
      status: 200,
      body: nothingListed,
      times: 1000,
    });
    await stack.arm({ method: "GET", path: String.raw`^/v2/droplets/\d+$`, kind: "status", status: 404, times: 1000 });
    await stack.requestChore("sync");
    await until("its row to vanish", async () => (await resources(stack))[0]?.deleted_at);
    await ageSightings(stack);
    const down = await takeDown(stack, id);
    expect((await ended(stack, down)).status).toBe("completed");
    expect((await resources(stack))[0]?.destroyed_by).toBe(down);
    await stack.disarm();
    expect(stack.truth().droplets).toHaveLength(1);
    await stack.requestChore("sync");
    await until("the droplet to be destroyed as a stray", async () => stack.truth().droplets.length === 0);
  });

  test("a record that we took over was shown as it had been before", async () => {
    await using stack = await startStack({ timing: { settle: 4 } });
    const value = { type: "A", name: "app", data: "203.0.113.9", ttl: 600 };
    const made = await stack.provider("POST", "/v2/domains/example.com/records", value);
    const { domain_record: old } = (await made.json()) as { domain_record: object };
    await pause(500);
    const { id, sagaId } = await deploy(stack, { hostname: "app.example.com", replaceDns: true });
    expect((await ended(stack, sagaId)).status).toBe("completed");
    await stack.arm({
      method: "GET",
      path: String.raw`/records/\d+$`,
      kind: "status",
      status: 200,
      body: { domain_record: old },
    });
    const down = await takeDown(stack, id);
    expect((await ended(stack, down)).status).toBe("completed");
    expect(stack.truth().domains[0]?.records.filter(({ name }) => name === "app")).toEqual([]);
    expect(await notesOf(stack, down)).toEqual([]);
  });

  test("one answer and one listing missed a record that was there", async () => {
    await using stack = await startStack();
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await pause(1500);
    await stack.arm({ method: "GET", path: String.raw`/records/\d+$`, kind: "status", status: 404 });
    await stack.arm({ method: "GET", path: "/records$", kind: "status", status: 200, body: noRecords });
    expect((await ended(stack, await takeDown(stack, id))).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test("destroying somebody else's droplet that is gone already ends well", async () => {
  await using stack = await startStack({ timing: { compensate: 30 }, simulator: { calm: true } });
  const input = { name: "theirs", region: "syd1", size: spec.size_slug, image: spec.image };
  await stack.provider("POST", "/v2/droplets", input);
  const droplet = await until("active", async () => stack.truth().droplets.find((it) => it.status === "active"));
  await stack.requestChore("sync");
  await until("its row", async () => (await resources(stack))[0]);
  await stack.provider("DELETE", `/v2/droplets/${droplet.id}`);
  await until("gone", async () => stack.truth().droplets.length === 0);
  const sagaId = await stack.db
    .transaction()
    .execute((tx) => stack.sagas.destroyDroplet(tx, { providerId: droplet.id, unmanaged: true }));
  expect((await ended(stack, sagaId)).status).toBe("completed");
  expect((await resources(stack))[0]?.deleted_at).not.toBeNull();
});
