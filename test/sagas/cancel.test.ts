import { describe, expect, test, vi } from "vitest";
import { provisionDeployment } from "#sagas/provision-deployment.ts";
import { type Stack, startStack, until } from "#test/stack.ts";
import {
  cancelDeployment,
  cancelSaga,
  deleteDeployment,
  deploy,
  deployMany,
  deploymentOf,
  ended,
  healthCheck,
  sagaOf,
  stepIs,
} from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

/** The request commits together with the step's beginning: at no other moment of the step could it be earlier. */
async function cancelAt(stack: Stack, name: string): Promise<void> {
  const isIt = `(select name from saga_steps where saga_id = new.id and position = new.position) = '${name}'`;
  const body = `begin
    if ${isIt} then
      update sagas set cancel_requested_at = new.step_started_at, cancel_reason = 'asked by the test',
        event_sequence = event_sequence + 1 where id = new.id;
      insert into saga_log select id, event_sequence, new.step_started_at, 'saga', '{"cancel_requested": true}'
        from sagas where id = new.id;
    end if;
    return new;
  end`;
  await stack.pool.query(`create function ask() returns trigger language plpgsql as $$ ${body} $$;
    create trigger ask after update on sagas for each row
      when (new.step_started_at is not null
        and (new.step_started_at is distinct from old.step_started_at or new.position <> old.position))
      execute function ask()`);
}

const steps = provisionDeployment.steps.map((step) => step.name);

describe.concurrent("a cancel is honoured", () => {
  test.for(steps)("while %s runs", async (name) => {
    await using stack = await startStack();
    await cancelAt(stack, name);
    const { id, sagaId } = await deploy(stack, { healthCheck, volumeGib: 10, reservedIp: true });
    expect(await ended(stack, sagaId)).toMatchObject({ status: "rolled_back", error: { code: "cancelled" } });
    expect(await deploymentOf(stack, id)).toMatchObject({ status: "cancelled", reason: "asked by the test" });
    // Nothing that had not been sent yet was sent after it.
    expect(stack.truth().created_total).toBe(steps.indexOf(name) <= steps.indexOf("create_droplet") ? 0 : 1);
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("while the saga has not begun", async () => {
    await using stack = await startStack({ workers: 0 });
    const { id, sagaId } = await deploy(stack);
    await cancelDeployment(stack, id);
    await stack.addWorker();
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect((await deploymentOf(stack, id)).status).toBe("cancelled");
    expect(stack.truth().created_total).toBe(0);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("while the droplet boots, asked twice", async () => {
    await using stack = await startStack({ simulator: { bootMs: 3000 } });
    const { id, sagaId } = await deploy(stack);
    await stepIs(stack, sagaId, "wait_droplet_active", "waiting");
    await cancelDeployment(stack, id);
    await cancelDeployment(stack, id);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    const asked = await stack.db.selectFrom("saga_events").select("data").where("saga_id", "=", sagaId).execute();
    expect(asked.filter(({ data }) => (data as { cancel_requested?: boolean }).cancel_requested)).toHaveLength(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("while a create settles, and while a step waits for its next try", async () => {
    await using stack = await startStack({ timing: { settle: 3 } });
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 500 });
    const first = await deploy(stack);
    await stepIs(stack, first.sagaId, "create_droplet", "waiting");
    await cancelDeployment(stack, first.id);
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 409, times: 50 });
    const second = await deploy(stack);
    await stepIs(stack, second.sagaId, "create_droplet", "waiting");
    await cancelDeployment(stack, second.id);
    expect((await ended(stack, first.sagaId)).status).toBe("rolled_back");
    expect((await ended(stack, second.sagaId)).status).toBe("rolled_back");
    expect(stack.truth().created_total).toBe(0);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("while it rolls back already: that changes nothing", async () => {
    await using stack = await startStack();
    await stack.arm({ method: "POST", path: "/records$", kind: "status", status: 422 });
    const { id, sagaId } = await deploy(stack);
    await until("the rollback", async () => (await sagaOf(stack, sagaId)).direction === "back");
    await cancelDeployment(stack, id);
    await cancelSaga(stack, sagaId);
    const saga = await ended(stack, sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "invalid" }, cancel_requested_at: null });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("after the end it is refused", async () => {
    await using stack = await startStack();
    const done = await deploy(stack);
    await ended(stack, done.sagaId);
    await expect(cancelSaga(stack, done.sagaId)).rejects.toMatchObject({ code: "saga_ended" });
    await expect(cancelDeployment(stack, done.id)).rejects.toMatchObject({ code: "illegal_transition" });
    expect((await deploymentOf(stack, done.id)).status).toBe("active");
    await deleteDeployment(stack, done.id);
    const { saga_id: down } = await deploymentOf(stack, done.id);
    await expect(cancelSaga(stack, down ?? "")).rejects.toMatchObject({ code: "not_cancellable" });
    await expect(cancelDeployment(stack, done.id)).rejects.toMatchObject({ code: "not_cancellable" });
    expect((await ended(stack, down ?? "")).status).toBe("completed");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("many at once against the last commit: each deployment is either active or cancelled", async () => {
    await using stack = await startStack({ workers: 2, simulator: { calm: true, bootMs: 0 } });
    const all = await deployMany(stack, 16);
    const verdicts = await Promise.all(
      all.map(async ({ sagaId }, index) => {
        const near = index % 2 === 0 ? "point_deployment_dns" : "activate_deployment";
        await stepIs(stack, sagaId, near, "running", "completed", "compensating");
        return cancelSaga(stack, sagaId).then(
          () => "rolled_back",
          () => "completed",
        );
      }),
    );
    const ends = await Promise.all(all.map(async ({ sagaId }) => (await ended(stack, sagaId)).status));
    expect(ends).toEqual(verdicts);
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
