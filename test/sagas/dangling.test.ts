import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack, until } from "#test/stack.ts";
import {
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  holdAt,
  resourceOf,
  sagaOf,
  stepIs,
} from "#test/stack-deployments.ts";

// An address that is given up goes to a stranger: nobody may be led to it then.

vi.setConfig({ testTimeout: 180_000 });

const records = (stack: Stack) => stack.truth().domains[0]?.records.filter(({ type }) => type === "A") ?? [];

const failAtTheEnd = (stack: Stack, id: string) =>
  stack.pool.query(`
    create function guard() returns trigger language plpgsql as 'begin return null; end';
    create trigger guard before update on deployments for each row
      when (new.status = 'active' and new.id = '${id}') execute function guard()`);

test("a removal powers off, takes the record away, and destroys when its TTL has run out, whatever the deadline", async () => {
  await using stack = await startStack({ timing: { drain: true, compensate: 20 }, simulator: { calm: true } });
  const { id, sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  await deleteDeployment(stack, id);
  await until("the record's end", async () => records(stack).length === 0);
  const gone = Date.now();
  const down = (await deploymentOf(stack, id)).saga_id ?? "";
  const step = await stepIs(stack, down, "destroy_droplet", "waiting");
  expect(step.waiting_for).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, when the TTL of the last record that led to droplet/,
  );
  await until("it to be off", async () => stack.truth().droplets[0]?.status === "off");
  await until("its end", async () => (await deploymentOf(stack, id)).status === "terminated");
  expect(Date.now() - gone).toBeGreaterThan(29_000);
  expect((await sagaOf(stack, down)).status).toBe("completed");
  expect(await stack.brokenInvariants()).toEqual([]);
});

/** A removal that waits, since a record of somebody else's leads to the droplet. */
async function waitingForTheirs(
  stack: Stack,
  meanwhile: (address: string) => Promise<unknown> = async () => undefined,
) {
  const { id, sagaId } = await deploy(stack);
  await ended(stack, sagaId);
  const address = (await resourceOf(stack, id))?.public_ipv4 ?? "";
  await meanwhile(address);
  const theirs = { type: "A", name: "www", data: address, ttl: 60 };
  const { domain_record } = await (await stack.provider("POST", "/v2/domains/example.com/records", theirs)).json();
  await pause(300);
  await deleteDeployment(stack, id);
  const down = (await deploymentOf(stack, id)).saga_id ?? "";
  const step = await until("it to wait for them", async () => {
    const waiting = await stepIs(stack, down, "destroy_droplet", "waiting");
    return waiting.waiting_for?.includes("(www)") && waiting;
  });
  expect(step.waiting_for).toContain(`to lead to ${address} no more: nobody but you removes it`);
  return { down, address, recordId: String(domain_record.id) };
}

/** They do, and the droplet is destroyed. */
async function takeTheirsAway(stack: Stack, { down, recordId }: { readonly down: string; readonly recordId: string }) {
  await stack.provider("DELETE", `/v2/domains/example.com/records/${recordId}`);
  await pause(300);
  await stack.takeOver(down);
  expect((await ended(stack, down)).status).toBe("completed");
  expect(stack.truth().droplets).toEqual([]);
}

test("a droplet is not destroyed while somebody else's record leads to it, and is once that is gone", async () => {
  await using stack = await startStack();
  const { down, address, recordId } = await waitingForTheirs(stack);
  // Ours is gone, theirs is left, and nobody has been given the address.
  expect(records(stack)).toMatchObject([{ name: "www" }]);
  expect(stack.truth().droplets).toMatchObject([{ public_ipv4: address }]);
  await takeTheirsAway(stack, { down, recordId });
  expect(await stack.brokenInvariants()).toEqual([]);
});

test("nor while one leads to the address that we wrote, whichever the inventory knows", async () => {
  await using stack = await startStack();
  // As where a person's reserved IP was shown first.
  const { down, address, recordId } = await waitingForTheirs(stack, () =>
    stack.pool.query("update cloud_resources set public_ipv4 = '203.0.113.77'"),
  );
  expect(stack.truth().droplets).toMatchObject([{ public_ipv4: address }]);
  await takeTheirsAway(stack, { down, recordId });
});

test("one that we took away, and that is there after all, is taken away again first", async () => {
  await using stack = await startStack();
  const { down, address, recordId } = await waitingForTheirs(stack);
  // It turns out to be ours: its DELETE was answered, and had no effect.
  const { rowCount } = await stack.pool.query(
    `update provider_resources set provider_id = $1, handle = handle || '{"name": "www", "hostname": "www.example.com"}'
      where kind = 'dns_record' and phase = 'gone'`,
    [recordId],
  );
  expect(rowCount).toBe(1);
  await stack.takeOver(down);
  await until("it to say so", async () =>
    (await stepIs(stack, down, "destroy_droplet", "waiting")).waiting_for?.includes(
      "we removed it, it is there after all",
    ),
  );
  await stack.requestChore("recheck");
  await until("the record to go", async () => records(stack).length === 0);
  expect(stack.truth().droplets).toMatchObject([{ public_ipv4: address }]);
  await pause(300);
  await stack.takeOver(down);
  expect((await ended(stack, down)).status).toBe("completed");
  expect(stack.truth().droplets).toEqual([]);
});

describe.concurrent("a rollback of a takeover", () => {
  /** A person's record that leads to a deployment of ours, taken over by another, which fails at its end. */
  async function takenOver(stack: Stack, meanwhile: (first: string) => Promise<void>) {
    const first = await deploy(stack);
    await ended(stack, first.sagaId);
    const address = (await resourceOf(stack, first.id))?.public_ipv4;
    const theirs = { type: "A", name: "theirs", data: address, ttl: 3600 };
    await stack.provider("POST", "/v2/domains/example.com/records", theirs);
    await pause(300);
    // The worker dies as activate_deployment begins.
    const release = await holdAt(stack, "activate_deployment");
    const second = await deploy(stack, { hostname: "theirs.example.com", replaceDns: true });
    await stepIs(stack, second.sagaId, "activate_deployment", "running");
    await stack.workers[0]?.stop();
    // A TTL of an hour would be waited out.
    expect(records(stack).filter(({ name }) => name === "theirs")).toMatchObject([{ ttl: 30 }]);
    await release();
    await failAtTheEnd(stack, second.id);
    await meanwhile(first.id);
    await stack.takeOver(second.sagaId);
    await stack.addWorker();
    expect((await ended(stack, second.sagaId, 120_000)).status).toBe("rolled_back");
    return { address, left: records(stack).filter(({ name }) => name === "theirs") };
  }

  test("puts the record back while its address is that of a droplet of the account", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { address, left } = await takenOver(stack, async () => undefined);
    expect(left).toMatchObject([{ data: address, ttl: 3600 }]);
  });

  test("removes the record where its address has been given up", async () => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { left } = await takenOver(stack, async (first) => {
      const { provider_id: id } = (await resourceOf(stack, first)) ?? {};
      await stack.provider("DELETE", `/v2/droplets/${id}`);
      await until("its end", async () => stack.truth().droplets.every((it) => it.id !== id));
    });
    expect(left).toEqual([]);
  });
});

test.each([
  ["another tenant's, which is not named,", false],
  ["the same tenant's", true],
])("nothing is pointed to an address to which a record of ours leads, %s", async (_, isOwn) => {
  await using stack = await startStack({ simulator: { calm: true, bootMs: 3000 } });
  const first = await deploy(stack);
  await ended(stack, first.sagaId);
  const second = await deploy(stack);
  await stepIs(stack, second.sagaId, "wait_droplet_active", "waiting");
  const droplet = await until("its address", async () => {
    const it = stack.truth().droplets.at(-1);
    return it?.public_ipv4 && stack.truth().droplets.length === 2 ? it : undefined;
  });
  await stack.pool.query(
    `update provider_resources set handle = jsonb_set(handle, '{data}', to_jsonb($1::text)), tenant_id = $2
      where kind = 'dns_record'`,
    [droplet.public_ipv4, isOwn ? second.tenantId : first.tenantId],
  );
  const { status, error } = await ended(stack, second.sagaId);
  expect({ status, error }).toMatchObject({
    status: "rolled_back",
    error: { code: "address_in_use", step: "point_deployment_dns" },
  });
  expect(JSON.stringify(error).includes(first.hostname)).toBe(isOwn);
  expect(records(stack)).toHaveLength(1);
});
