import { describe, expect, test, vi } from "vitest";
import { deprovisionDeployment } from "#sagas/deprovision-deployment.ts";
import { provisionDeployment } from "#sagas/provision-deployment.ts";
import { type Stack, startStack, until } from "#test/stack.ts";
import { deleteDeployment, deploy, deploymentOf, ended, healthCheck, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

/** So that none of its steps is left out. */
const volumeGib = 10;
const steps = provisionDeployment.steps.map((step) => step.name);

/** The first time that the step's outcome is saved the database has no room, and the worker is as good as dead: what it did is done, and not known. */
async function loseOutcome(stack: Stack, name: string, status: "completed" | "compensated"): Promise<void> {
  const attempts = status === "completed" ? "attempts" : "undo_attempts";
  await stack.pool.query(`
    create function lose() returns trigger language plpgsql as $$ begin raise exception 'lost by the test' using errcode = '53000'; end $$;
    create trigger lose before update on saga_steps for each row
      when (new.name = '${name}' and new.status = '${status}' and new.${attempts} = 1) execute function lose()`);
}

/** Waits until an outcome was lost, then lets the saga be taken over. */
async function afterTheLoss(stack: Stack, sagaId: string): Promise<void> {
  await until("an outcome to be lost", async () => stack.logged.some((line) => line.includes("could not be run")));
  await stack.takeOver(sagaId);
}

/** Somebody cancels the saga, and its worker dies, between the step's beginning and the first thing that it does. */
const dieBefore = (stack: Stack, name: string) =>
  stack.pool.query(`
    create function die() returns trigger language plpgsql as
      $$ begin update sagas set epoch = new.epoch + 1, cancel_requested_at = new.created_at where id = new.id; return new; end $$;
    create trigger die after update on sagas for each row
      when (old.position < new.position and new.position = ${steps.indexOf(name)}) execute function die()`);

const failAtTheEnd = (stack: Stack) =>
  stack.pool.query(`
    create function guard() returns trigger language plpgsql as 'begin return null; end';
    create trigger guard before update on deployments for each row
      when (new.status = 'active') execute function guard()`);

describe.concurrent("each step of provision_deployment", () => {
  test.for(steps)("%s runs twice: its outcome was lost the first time", async (name) => {
    await using stack = await startStack();
    await loseOutcome(stack, name, "completed");
    const { id, sagaId } = await deploy(stack, { healthCheck, reservedIp: true, volumeGib });
    await afterTheLoss(stack, sagaId);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    const step = (await stepsOf(stack, sagaId)).find((it) => it.name === name);
    expect(step?.attempts).toBe(2);
    expect((await deploymentOf(stack, id)).status).toBe("active");
    expect(stack.truth().created_total).toBe(1);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test.for(steps)("%s is undone twice", async (name) => {
    await using stack = await startStack({ simulator: { calm: true } });
    await loseOutcome(stack, name, "compensated");
    await failAtTheEnd(stack);
    const { id, sagaId } = await deploy(stack, { healthCheck, reservedIp: true, volumeGib });
    await afterTheLoss(stack, sagaId);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    expect((await deploymentOf(stack, id)).status).toBe("cancelled");
    expect(stack.truth()).toMatchObject({ droplets: [], volumes: [] });
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test.for(steps.slice(1))("%s is undone although it did nothing", async (name) => {
    await using stack = await startStack({ simulator: { calm: true } });
    await dieBefore(stack, name);
    const { sagaId } = await deploy(stack, { healthCheck, reservedIp: true, volumeGib });
    await until("the worker to lose the saga", async () =>
      stack.logged.some((line) => line.includes("taken this saga over")),
    );
    await stack.takeOver(sagaId);
    expect((await ended(stack, sagaId)).status).toBe("rolled_back");
    const step = (await stepsOf(stack, sagaId)).find((it) => it.name === name);
    expect(step).toMatchObject({ status: "compensated", attempts: 1, output: null, intent: null, undo_attempts: 1 });
    expect(stack.truth()).toMatchObject({ droplets: [], volumes: [] });
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

describe.concurrent("each step of deprovision_deployment", () => {
  // This one is left out but for an adopted deployment.
  const own = deprovisionDeployment.steps.map((step) => step.name).filter((name) => name !== "wait_led_nowhere");
  test.for(own)("%s runs twice", async (name) => {
    await using stack = await startStack({ simulator: { calm: true } });
    const { id, sagaId } = await deploy(stack, { reservedIp: true, volumeGib });
    await ended(stack, sagaId);
    await loseOutcome(stack, name, "completed");
    await deleteDeployment(stack, id, { deleteVolume: true });
    const down = (await deploymentOf(stack, id)).saga_id ?? "";
    await afterTheLoss(stack, down);
    expect((await ended(stack, down)).status).toBe("completed");
    expect((await deploymentOf(stack, id)).status).toBe("terminated");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});
