import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import { ageSightings, deleteDeployment, deploy, deploymentOf, ended } from "#test/stack-deployments.ts";

// A provider hides what is there for longer than absence takes to be believed, or acts late: it is found by looking again.

vi.setConfig({ testTimeout: 180_000 });

const times = 100_000;
const status = (code: number, path: string, body?: object) => ({
  method: "GET",
  path,
  kind: "status",
  status: code,
  times,
  ...(body && { body }),
});

const records = (stack: Stack) => stack.truth().domains[0]?.records.filter(({ type }) => type === "A") ?? [];

/** Nothing of it is shown until all is over. */
async function removeHidden(stack: Stack, id: string): Promise<void> {
  const { arm } = stack;
  await arm(status(404, String.raw`/records/\d+$`));
  await arm(status(200, "/records$", { domain_records: [], links: {}, meta: { total: 0 } }));
  await arm(status(404, String.raw`^/v2/droplets/\d+$`));
  await arm(status(200, "^/v2/droplets$", { droplets: [], links: {}, meta: { total: 0 } }));
  await ageSightings(stack);
  await deleteDeployment(stack, id);
  await until("its end", async () => (await deploymentOf(stack, id)).status === "terminated");
  await stack.disarm();
}

/** A quarter of an hour is over. */
async function lookAgain(stack: Stack): Promise<void> {
  await stack.pool.query("update provider_resources set recheck_at = now() where recheck_at is not null");
  await stack.requestChore("recheck");
}

describe.concurrent("what was hidden while it was removed", () => {
  test("is removed when it is looked at again, the record as the droplet", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await removeHidden(stack, id);
    expect(records(stack)).toHaveLength(1);
    expect(stack.truth().droplets).toHaveLength(1);
    await lookAgain(stack);
    await until("the end of both", async () => records(stack).length + stack.truth().droplets.length === 0);
    const sagas = await until("their sagas", async () => {
      const rows = await stack.db.selectFrom("sagas").selectAll().where("deployment_id", "is", null).execute();
      return rows.every(({ status: it }) => it === "completed") && rows;
    });
    expect(sagas.map(({ name }) => name).toSorted()).toEqual(["destroy_droplet", "remove_leftover"]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("does not stay beside the record of whoever has the hostname next", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const first = await deploy(stack);
    await ended(stack, first.sagaId);
    await removeHidden(stack, first.id);
    const [old] = records(stack);
    const next = await deploy(stack, { hostname: first.hostname });
    await ended(stack, next.sagaId);
    await stack.requestChore("recheck");
    await until("the end of the old one", async () => records(stack).every(({ id }) => id !== old?.id));
    expect(records(stack)).toHaveLength(1);
    expect((await deploymentOf(stack, next.id)).status).toBe("active");
  });
});

test("a record that a create made late goes with the other of its name and value", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  const { id, sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  const [own] = records(stack);
  await stack.provider("POST", "/v2/domains/example.com/records", {
    type: "A",
    name: own?.name,
    data: own?.data,
    ttl: 30,
  });
  await pause(1500);
  await deleteDeployment(stack, id);
  await until("its end", async () => (await deploymentOf(stack, id)).status === "terminated");
  expect(records(stack)).toEqual([]);
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("a create of a record that was given up and acts after another was made is removed", async () => {
  await using stack = await startStack({ simulator: { calm: true } });
  await stack.arm({ method: "POST", path: "/records$", kind: "reset" });
  const { sagaId } = await deploy(stack);
  expect((await ended(stack, sagaId)).status).toBe("completed");
  const [own] = records(stack);
  await stack.provider("POST", "/v2/domains/example.com/records", {
    type: "A",
    name: own?.name,
    data: own?.data,
    ttl: 30,
  });
  await pause(300);
  await lookAgain(stack);
  await until("the end of the second", async () => records(stack).length === 1);
  expect(records(stack)[0]?.id).toBe(own?.id);
  await until("the end of its saga", async () => {
    const rows = await stack.db.selectFrom("sagas").select("status").where("name", "=", "remove_leftover").execute();
    return rows.length === 1 && rows[0]?.status === "completed";
  });
  expect(await stack.brokenInvariants()).toEqual([]);
});
