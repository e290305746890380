import { expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until, zone } from "#test/stack.ts";
import {
  addressRecords,
  cancelSaga,
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  holdAt,
  operate,
  replaceable,
  stepIs,
  stepsOf,
} from "#test/stack-deployments.ts";

vi.setConfig({ testTimeout: 170_000 });

const timing = { poll: 0.3, settle: 1, gone: 2 };
const soon = { bake_seconds: 600, discard_disk: true, release: "v2" };

/** A replacement that bakes: the record leads to the new droplet. */
async function baking(stack: Stack) {
  const { deployment, old } = await replaceable(stack);
  const saga = await operate(stack, deployment, "replace", soon);
  await stepIs(stack, saga, "bake", "waiting");
  const [record] = addressRecords(stack);
  if (!record) throw new Error("The deployment has no record");
  return { deployment, saga, record, old };
}

const edit = (stack: Stack, { id, name, data }: { id: number; name: string; data: string }, ttl: number) =>
  stack.provider("PUT", `/v2/domains/${zone}/records/${id}`, { type: "A", name, data, ttl });

test("a record whose TTL alone somebody has changed is led back when its replacement is cancelled", async () => {
  await using stack = await startStack({ timing });
  const { saga, record, old } = await baking(stack);
  await edit(stack, record, 3600);
  await pause(500);
  await cancelSaga(stack, saga);
  expect((await ended(stack, saga, 120_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toMatchObject([{ id: record.id, data: old.public_ipv4 }]);
  expect(stack.truth().droplets).toMatchObject([{ id: old.id }]);
});

test("a record that was taken over, and whose TTL alone has been changed, is its owner's again", async () => {
  await using stack = await startStack({ timing });
  await stack.provider("POST", `/v2/domains/${zone}/records`, {
    type: "A",
    name: "shop",
    data: "203.0.113.9",
    ttl: 300,
  });
  await pause(500);
  const release = await holdAt(stack, "activate_deployment");
  const { sagaId } = await deploy(stack, { hostname: `shop.${zone}`, replaceDns: true });
  await stepIs(stack, sagaId, "activate_deployment", "running");
  const [record] = addressRecords(stack);
  if (!record) throw new Error("There is no record");
  await edit(stack, record, 3600);
  await pause(500);
  await cancelSaga(stack, sagaId);
  await release();
  await stack.takeOver(sagaId);
  expect((await ended(stack, sagaId, 120_000)).status).toBe("rolled_back");
  expect(addressRecords(stack)).toMatchObject([{ id: record.id, data: "203.0.113.9" }]);
  expect(stack.truth().droplets).toEqual([]);
});

test("a droplet is not destroyed while a record that somebody has made anew leads to it", async () => {
  await using stack = await startStack({ timing: { ...timing, compensate: 150 } });
  const { saga, record, old } = await baking(stack);
  const fresh = stack.truth().droplets.find(({ id }) => id !== old.id);
  await stack.provider("DELETE", `/v2/domains/${zone}/records/${record.id}`);
  const { name, data } = record;
  const made = await stack.provider("POST", `/v2/domains/${zone}/records`, { type: "A", name, data, ttl: 300 });
  const { domain_record: theirs } = await made.json();
  await pause(1500);
  await cancelSaga(stack, saga);
  const waits = await until("the undo to wait", async () =>
    (await stepsOf(stack, saga)).find(
      (it) => it.name === "create_droplet" && it.waiting_for?.includes(`record ${theirs.id}`),
    ),
  );
  expect(waits.waiting_for).toMatch(/to lead to .* no more: nobody but you removes it/);
  expect(stack.truth().droplets.map(({ id }) => id)).toContain(fresh?.id);
  await edit(stack, { ...record, id: theirs.id, data: old.public_ipv4 ?? "" }, 300);
  await stack.takeOver(saga);
  expect((await ended(stack, saga, 120_000)).status).toBe("rolled_back");
  expect(stack.truth().droplets).toMatchObject([{ id: old.id }]);
});

test("an address is kept for as long as somebody has made the record believed", async () => {
  await using stack = await startStack({ timing: { ...timing, drain: true } });
  const deployment = await deploy(stack);
  await ended(stack, deployment.sagaId);
  const [record] = addressRecords(stack);
  if (!record) throw new Error("There is no record");
  await edit(stack, record, 3600);
  await pause(500);
  await deleteDeployment(stack, deployment.id);
  const saga = (await deploymentOf(stack, deployment.id)).saga_id ?? "";
  await stepIs(stack, saga, "destroy_droplet", "waiting");
  const row = await stack.db
    .selectFrom("provider_resources")
    .select("exposed_until")
    .where("kind", "=", "droplet")
    .executeTakeFirstOrThrow();
  expect((row.exposed_until?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3500_000);
});
