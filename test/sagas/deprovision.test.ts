import { describe, expect, test, vi } from "vitest";
import { findSaga } from "#saga-queries/queries.ts";
import { lineWith, type Stack, pause, startStack, until } from "#test/stack.ts";
import {
  deleteDeployment,
  deploy,
  deploymentOf,
  ended,
  provisionAgain,
  resolveSaga,
  resourceOf,
  retrySaga,
  sagaOf,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const noDelete = { method: "DELETE", path: "^/v2/droplets/", kind: "status", status: 403, times: 1000 };

/** Deletes the deployment and waits for the end. @returns its last saga */
async function deleted(stack: Stack, id: string) {
  await deleteDeployment(stack, id);
  await until("the deployment to be terminated", async () => (await deploymentOf(stack, id)).status === "terminated");
  const { saga_id: sagaId } = await deploymentOf(stack, id);
  return sagaId === null ? undefined : ended(stack, sagaId);
}

describe.concurrent("a deployment is deleted from every state", () => {
  test("active: DNS first, then the droplet, and the row stays as history", async () => {
    await using stack = await startStack();
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    const saga = await deleted(stack, id);
    expect(saga).toMatchObject({ name: "deprovision_deployment", status: "completed" });
    expect(stack.truth().droplets).toEqual([]);
    expect(await resourceOf(stack, id)).toMatchObject({ status: "deleted", deleted_at: expect.any(Date) });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("pending and cancelled: at once", async () => {
    await using stack = await startStack();
    const pending = await deploy(stack, { provision: false });
    await deleted(stack, pending.id);
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422 });
    const cancelled = await deploy(stack);
    await ended(stack, cancelled.sagaId);
    await deleted(stack, cancelled.id);
    await expect(deleteDeployment(stack, cancelled.id)).rejects.toMatchObject({ code: "already_terminated" });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test.for(["create_droplet", "wait_droplet_active", "point_deployment_dns"])(
    "provisioning, in the middle of %s: cancelled, then terminated",
    async (name) => {
      await using stack = await startStack({ simulator: { bootMs: 1000 } });
      const { id, sagaId } = await deploy(stack);
      await stepIs(stack, sagaId, name, "running", "waiting", "completed");
      const saga = await deleted(stack, id);
      expect(["rolled_back", "completed"]).toContain(saga?.status);
      expect(stack.truth().droplets).toEqual([]);
      expect(await stack.brokenInvariants()).toEqual([]);
    },
  );

  test("active, and somebody destroyed its droplet and its record already", async () => {
    await using stack = await startStack();
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    const [droplet] = stack.truth().droplets;
    const record = stack.truth().domains[0]?.records.find((it) => it.type === "A");
    await stack.provider("DELETE", `/v2/droplets/${droplet?.id}`);
    await stack.provider("DELETE", `/v2/domains/example.com/records/${record?.id}`);
    expect((await deleted(stack, id))?.status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("deprovisioning only goes forward", () => {
  test("it is tried again until it is done", async () => {
    await using stack = await startStack();
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await stack.arm({ method: "DELETE", path: "/records/", kind: "status", status: 500, times: 3 });
    await stack.arm({ method: "DELETE", path: "^/v2/droplets/", kind: "status", status: 403, times: 2 });
    expect((await deleted(stack, id))?.status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("past its deadline it is stuck, which alerts; a retry goes on", async () => {
    await using stack = await startStack({ timing: { compensate: 3 } });
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await stack.arm(noDelete);
    await deleteDeployment(stack, id);
    const down = (await deploymentOf(stack, id)).saga_id ?? "";
    const saga = await ended(stack, down);
    const [droplet] = stack.truth().droplets;
    const why = { step: "destroy_droplet", message: expect.stringContaining(`DELETE /v2/droplets/${droplet?.id}:`) };
    expect(saga).toMatchObject({ status: "stuck", error: why, stuck_error: why });
    const alert = JSON.parse(await lineWith(stack, "A saga is stuck"));
    expect(alert).toMatchObject({ level: 50, droplet_ids: [droplet?.id], dns_record_ids: [] });
    expect(await stack.brokenInvariants()).toEqual([]);
    await stack.disarm();
    await until("the end", async () => {
      if ((await sagaOf(stack, down)).status === "stuck") await retrySaga(stack, down);
      return (await sagaOf(stack, down)).status === "completed";
    });
    expect((await deploymentOf(stack, id)).status).toBe("terminated");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("past its deadline, an operator does by hand what is left and resolves it", async () => {
    await using stack = await startStack({ timing: { compensate: 3 } });
    const { id, sagaId } = await deploy(stack);
    await ended(stack, sagaId);
    await stack.arm(noDelete);
    await deleteDeployment(stack, id);
    const down = (await deploymentOf(stack, id)).saga_id ?? "";
    await ended(stack, down);
    await stack.disarm();
    await stack.provider("DELETE", `/v2/droplets/${stack.truth().droplets[0]?.id}`);
    await resolveSaga(stack, down);
    await until("the deployment to be terminated", async () => (await deploymentOf(stack, id)).status === "terminated");
    expect(await ended(stack, down)).toMatchObject({ status: "completed", resolution: { reason: "done by hand" } });
    // What the operator destroyed, the inventory learns from the next sync.
    await stack.requestChore("sync");
    await until("the row to be deleted", async () => (await resourceOf(stack, id))?.deleted_at);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("a rollback that is stuck is resolved: what was undone by hand counts, the rest goes on", async () => {
    await using stack = await startStack({ timing: { compensate: 3 } });
    await stack.arm({ method: "POST", path: "/records$", kind: "status", status: 422 });
    await stack.arm(noDelete);
    const { id, sagaId } = await deploy(stack);
    const why = { error: { step: "point_deployment_dns" }, stuck_error: { step: "create_droplet" } };
    expect(await ended(stack, sagaId)).toMatchObject({ status: "stuck", ...why });
    expect((await deploymentOf(stack, id)).status).toBe("provisioning");
    const leaves = (await findSaga(stack.db, sagaId))?.leaves;
    const [droplet] = stack.truth().droplets;
    expect(leaves).toEqual({
      droplets: [{ provider_id: droplet?.id, name: droplet?.name }],
      dns_records: [],
      reserved_ips: [],
    });
    await stack.disarm();
    await stack.provider("DELETE", `/v2/droplets/${stack.truth().droplets[0]?.id}`);
    await resolveSaga(stack, sagaId);
    await until("the rollback's end", async () => (await sagaOf(stack, sagaId)).status === "rolled_back");
    const { status, reason } = await deploymentOf(stack, id);
    expect([status, reason]).toEqual(["cancelled", expect.stringMatching(/^point_deployment_dns: /)]);
    expect(await sagaOf(stack, sagaId)).toMatchObject({ error: why.error, stuck_error: null });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("one resolution does not resolve what fails later", async () => {
    await using stack = await startStack({ timing: { compensate: 3 } });
    await stack.pool.query(`create function guard() returns trigger language plpgsql as 'begin return null; end'`);
    await stack.pool.query(`create trigger guard before update on deployments for each row
      when (new.status = 'active') execute function guard()`);
    await stack.arm({ ...noDelete, path: "." });
    const { sagaId } = await deploy(stack);
    expect(await ended(stack, sagaId)).toMatchObject({
      status: "stuck",
      stuck_error: { step: "point_deployment_dns" },
    });
    const record = stack.truth().domains[0]?.records.find((it) => it.type === "A");
    await stack.disarm();
    await stack.provider("DELETE", `/v2/domains/example.com/records/${record?.id}`);
    await stack.arm({ ...noDelete, path: "." });
    await resolveSaga(stack, sagaId);
    await until("the next one to fail", async () => {
      const saga = await sagaOf(stack, sagaId);
      return saga.status === "stuck" && (saga.stuck_error as { step: string }).step === "create_droplet";
    });
    expect(stack.truth().droplets).toHaveLength(1);
    await stack.disarm();
    // On a slow machine the deadline of this test may pass once more.
    await until("the rollback's end", async () => {
      if ((await sagaOf(stack, sagaId)).status === "stuck") await retrySaga(stack, sagaId);
      return (await sagaOf(stack, sagaId)).status === "rolled_back";
    });
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("a cancelled deployment is provisioned again", () => {
  test.for([0, 500])("%i ms after it was cancelled, while listings lag", async (ms) => {
    await using stack = await startStack({ simulator: { lagMs: 900 }, timing: { settle: 1 } });
    await stack.pool.query(`create function guard() returns trigger language plpgsql as 'begin return null; end'`);
    await stack.pool.query(`create trigger guard before update on deployments for each row
      when (new.status = 'active') execute function guard()`);
    const { id } = await deploy(stack);
    await until("the cancel", async () => (await deploymentOf(stack, id)).status === "cancelled");
    await stack.pool.query("drop trigger guard on deployments");
    await pause(ms);
    const again = await provisionAgain(stack, id);
    expect((await ended(stack, again)).status).toBe("completed");
    expect((await deploymentOf(stack, id)).status).toBe("active");
    expect(stack.truth()).toMatchObject({ created_total: 2, destroyed_total: 1 });
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
